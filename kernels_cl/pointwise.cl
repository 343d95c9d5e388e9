/* Any chain of elementwise operations in one pass over memory, with broadcasting.
 *
 * The compiler writes, in front of this file, the macros that hold the fused expression:
 *   LANES         vector width; 1 on a GPU
 *   PARAMETERS    outputs, inputs, the check report where needed, and the outer lengths d0, d1, ...
 *   ONCE          loads what is the same for all elements
 *   OFFSETS       from `row`, the offset in each broadcast pattern of inputs
 *   VECTOR_BODY   loads, expressions and stores of LANES elements at column j
 *   SCALAR_BODY   the same for one element
 *   STREAM        results are larger than the caches, and VECTOR_BODY stores them by STREAM_STORE
 * or for several small chains in one launch
 *   PARAMETERS_0, ONCE_0, ..., PARAMETERS_1, ...   the same for each
 *   PARTS            PART(0) PART(1) ..., a function of each
 *   ALL_PARAMETERS   those of all chains
 *   CALLS            for the work-item of number `item` the call of its chain's function
 * Vector and scalar bodies follow the rules of include/vector.clh.
 */
#include "vector.clh"
#include "check.clh"
#include "stream.clh"

/* out[row, j] = f(inputs broadcast to [rows, row_length]).
 * Work-item (across, down) takes `chunk` columns and `rows_each` rows. On a CPU one work-item loops over a big block in
 * vectors, as starting a work-item costs more than an element does. On a GPU chunk and rows_each are 1, so that
 * neighbouring work-items touch neighbouring elements.
 */
#define SIZES const long row_length, const long rows, const long chunk, const long rows_each
#define POINTWISE(once, offsets, vector_body, scalar_body, across, down) \
    {                                                                    \
        const long begin = (across) * chunk;                             \
        const long end = min(begin + chunk, row_length);                 \
        long row = (down) * rows_each;                                   \
        const long last_row = min(row + rows_each, rows);                \
        once                                                             \
        for (; row < last_row; ++row) {                                  \
            offsets                                                      \
            long j = begin;                                              \
            for (; LANES > 1 && j + LANES <= end; j += LANES) {          \
                vector_body                                              \
            }                                                            \
            for (; j < end; ++j) {                                       \
                scalar_body                                              \
            }                                                            \
        }                                                                \
    }

#ifdef PARTS
/* Several chains: global id 0 goes through the work-items of one after the other. */
#define PART(n)                                                                                           \
    __attribute__((noinline)) static void part_##n(PARAMETERS_##n SIZES, const long across, const long down) \
    POINTWISE(ONCE_##n, OFFSETS_##n, VECTOR_BODY_##n, SCALAR_BODY_##n, across, down)
PARTS
#if LANES > 1
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
__kernel void pointwise_parts(ALL_PARAMETERS const long items)
{
    long item = get_global_id(0);
    CALLS
}
#else
#if LANES > 1
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
__kernel void pointwise(PARAMETERS SIZES)
{
    POINTWISE(ONCE, OFFSETS, VECTOR_BODY, SCALAR_BODY, get_global_id(0), get_global_id(1))
    STREAM_END
}
#endif
