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
 * Vector and scalar bodies follow the rules of include/vector.clh.
 */
#include "vector.clh"
#include "check.clh"
#include "stream.clh"

/* out[row, j] = f(inputs broadcast to [rows, row_length]).
 * Global id 0 takes `chunk` columns, global id 1 takes `rows_each` rows; local ids are not used.
 * On a CPU one work-item loops over a big block in vectors, as starting a work-item costs more than an element does. On a
 * GPU chunk and rows_each are 1, so that neighbouring work-items touch neighbouring elements.
 */
#if LANES > 1
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
__kernel void pointwise(PARAMETERS const long row_length, const long rows, const long chunk, const long rows_each)
{
    const long begin = get_global_id(0) * chunk;
    const long end = min(begin + chunk, row_length);
    long row = get_global_id(1) * rows_each;
    const long last_row = min(row + rows_each, rows);
    ONCE
    for (; row < last_row; ++row) {
        OFFSETS
        long j = begin;
#if LANES > 1
        for (; j + LANES <= end; j += LANES) {
            VECTOR_BODY
        }
#endif
        for (; j < end; ++j) {
            SCALAR_BODY
        }
    }
    STREAM_END
}
