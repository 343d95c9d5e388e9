/* out[i] = a[i] x b[i]: the cross product of vectors of three numbers, for all arrays [rows, 3].
 *
 * Global id 0 takes `each` rows; local ids are not used. Rows of three fill no vector register, so the loop is left scalar
 * for the compiler to unroll; the work is bound by memory. T: element type.
 */
#include "vector.clh"

__kernel void cross_rows(__global T *out, __global const T *a, __global const T *b, const long rows, const long each)
{
    const long first = get_global_id(0) * each;
    const long last = min(first + each, rows);
    for (long i = 3 * first; i < 3 * last; i += 3) {
        out[i] = a[i + 1] * b[i + 2] - a[i + 2] * b[i + 1];
        out[i + 1] = a[i + 2] * b[i] - a[i] * b[i + 2];
        out[i + 2] = a[i] * b[i + 1] - a[i + 1] * b[i];
    }
}
