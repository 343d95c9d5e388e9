/* Checks of data. */
#include "vector.clh"
#include "check.clh"

/* Reports the first NaN or infinity it meets in x[0 ... n - 1]: code 1 for NaN, 2 for infinity.
 * Global id 0 takes `each` neighbouring numbers; on a GPU each is small and items are many, so reads are spread over them.
 */
__kernel void check_numerics(__global const T *restrict x, __global int *report, const int operation, const long n,
                             const long each)
{
    const long begin = get_global_id(0) * each;
    const long end = min(begin + each, n);
    int bad = 0;
    /* x - x is 0 for finite numbers and NaN for all others; the loop has no exit, so that it can become vectors. */
    for (long j = begin; j < end; ++j)
        bad |= !(x[j] - x[j] == (T)0);
    if (bad) {
        int has_nan = 0;
        for (long j = begin; j < end; ++j)
            has_nan |= x[j] != x[j];
        fail(report, has_nan ? 1 : 2, operation, 0, 0);
    }
}
