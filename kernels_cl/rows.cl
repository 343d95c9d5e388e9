/* Elementwise expressions and reductions over the rows of the last dimension, in one pass over memory.
 *
 * The compiler writes, in front of this file, the macros that hold the fused program:
 *   PARAMETERS    outputs, inputs, what is kept between loops, the check report where needed, the outer lengths d0, d1, ...
 *   ONCE          loads what is the same for all elements
 *   OFFSETS       from `row`, the offset in each broadcast pattern of inputs, and what is the same all along the row
 *   ROW_BODY      the program, as include/rows.clh has it
 *   STREAM        results are larger than the caches, and ROW_BODY stores them by STREAM_STORE
 */
#include "rows.clh"
#include "stream.clh"
#include "near.clh"

/* Arguments: see PARAMETERS; all are [rows, row_length], or broadcast to that, or [rows].
 * CPU: global id 0 takes `rows_each` rows, one after the other, each of which stays in the first cache while it is worked on.
 * GPU: a work-group takes a row, or a work-item where rows are short.
 */
#ifdef ON_CPU
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
__kernel void rows(PARAMETERS const long rows, const long row_length, const long rows_each)
{
#ifdef ON_CPU
    ROW_SETUP
    const long worker = get_global_id(0), end = min((worker + 1) * rows_each, rows);
    long row = worker * rows_each;
#elif GROUP > 1
    __local long shared[GROUP];
    const int item = get_local_id(0);
    const long worker = get_group_id(0), end = worker + 1;
    long row = worker;
#else
    const int item = 0;
    const long worker = get_global_id(0), end = worker + 1;
    long row = worker;
#endif
    ONCE
    for (; row < end; ++row) {
        const long full = row * row_length;
        OFFSETS
#ifdef STREAM
        const long to_next = row + 1 < end ? row_length : 0;
#endif
        ROW_BODY
    }
    STREAM_END
}
