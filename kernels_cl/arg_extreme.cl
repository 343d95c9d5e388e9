/* Where the extremes along a dimension are: argmax and argmin.
 *
 * Build constants:
 *   T, R       element types of x and of the positions
 *   ARG_MAX    the largest is looked for, not the smallest
 *   COLUMNS    columns that an item of arg_extreme goes along side by side
 *   BY_ROWS    arg_extreme_rows is built
 *   LANES      vector width of arg_extreme_rows; 1 elsewhere
 *   GROUP      work-items in a work-group of arg_extreme_group
 */
#include "vector.clh"

/* Whether v takes the place of the best so far: NaN does, of all but NaN. For integers the second half is always false. */
#ifdef ARG_MAX
#define BETTER(v, best) ((v) > (best) || ((v) != (v) && (best) == (best)))
#else
#define BETTER(v, best) ((v) < (best) || ((v) != (v) && (best) == (best)))
#endif

#ifdef COLUMNS
/* out[outer, column] = the first j at which x[outer, j, column] is extreme.
 * Global id 0 takes COLUMNS columns, which are gone along side by side, global id 1 takes `each` of the outer indices; on a
 * GPU COLUMNS and `each` are 1, so that neighbouring items read neighbouring columns.
 */
__kernel void arg_extreme(__global R *restrict out, __global const T *restrict x, const long outer, const long length,
                          const long inner, const long each)
{
    const long column = get_global_id(0) * COLUMNS;
    const int width = (int)min((long)COLUMNS, inner - column);
    const long last = min((long)(get_global_id(1) + 1) * each, outer);
    for (long row = get_global_id(1) * each; row < last; ++row) {
        __global const T *restrict p = x + row * length * inner + column;
        T best[COLUMNS];
        R position[COLUMNS];
        for (int c = 0; c < width; ++c) {
            best[c] = p[c];
            position[c] = 0;
        }
        for (long j = 1; j < length; ++j) {
            for (int c = 0; c < width; ++c) {
                const T v = p[j * inner + c];
                const int better = BETTER(v, best[c]);
                best[c] = better ? v : best[c];
                position[c] = better ? (R)j : position[c];
            }
        }
        for (int c = 0; c < width; ++c)
            out[row * inner + column + c] = position[c];
    }
}
#endif

#ifdef BY_ROWS
/* The same for inner = 1, on CPUs: the extreme itself by vectors, and then where it is first. */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void arg_extreme_rows(__global R *restrict out, __global const T *restrict x, const long outer, const long length,
                               const long each)
{
    const long last = min((long)(get_global_id(0) + 1) * each, outer);
    for (long row = get_global_id(0) * each; row < last; ++row) {
        __global const T *restrict p = x + row * length;
        T best = p[0];
#if LANES > 1
        if (length >= LANES) {
            VECTOR(T) several = *(__global const GLUE(VECTOR(T), _u) *)p;
            for (long j = LANES; j < length; j += LANES) {
                const VECTOR(T) v = *(__global const GLUE(VECTOR(T), _u) *)(p + min(j, length - LANES));
#ifdef ARG_MAX
                several = ((v > several) | (v != v)) ? v : several;
#else
                several = ((v < several) | (v != v)) ? v : several;
#endif
            }
            const T *lane = (const T *)&several;
            best = lane[0];
            for (int k = 1; k < LANES; ++k) best = BETTER(lane[k], best) ? lane[k] : best;
        } else
#endif
            for (long j = 1; j < length; ++j) best = BETTER(p[j], best) ? p[j] : best;
        long at = 0;
        while (p[at] != best && (best == best || p[at] == p[at])) ++at;
        out[row] = (R)at;
    }
}
#endif

#ifdef GROUP
/* out[row] = the first j at which x[row, j] is extreme; a work-group of GROUP items for each row.
 * Each item looks at every GROUP-th number; then halves of the group are joined in local memory, of equals the lower position.
 */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void arg_extreme_group(__global R *restrict out, __global const T *restrict x, const long length)
{
    __local T values[GROUP];
    __local long positions[GROUP];
    const int item = get_local_id(0);
    const long row = get_group_id(0);
    __global const T *restrict p = x + row * length;
    const long first = min((long)item, length - 1);
    T best = p[first];
    long position = first;
    for (long j = first + GROUP; j < length; j += GROUP) {
        const T v = p[j];
        const int better = BETTER(v, best);
        best = better ? v : best;
        position = better ? j : position;
    }
    values[item] = best;
    positions[item] = position;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < half_of) {
            const T v = values[item + half_of];
            const long at = positions[item + half_of];
            const int tie = !BETTER(values[item], v) && at < positions[item];
            if (BETTER(v, values[item]) || tie) {
                values[item] = v;
                positions[item] = at;
            }
        }
    }
    if (item == 0)
        out[row] = (R)positions[0];
}
#endif
