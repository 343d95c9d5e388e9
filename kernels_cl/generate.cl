/* Tensors made from few numbers, and those that are mostly zero.
 *
 * On a CPU a work-item takes `each` consecutive pieces of work, on a GPU one (each is 1). Build constants: T, the output's type;
 * WIDE, the type of the arithmetic (long for integers); INDICES, the type of indices.
 */
#define LANES 1
#include "vector.clh"
#include "check.clh"

#define SHARE(i, count)                              \
    const long i##_end = min((long)(get_global_id(0) + 1) * each, (long)(count)); \
    for (long i = get_global_id(0) * each; i < i##_end; ++i)

/* y[i] = start + i * delta; y: [count]. */
__kernel void ramp(__global T *restrict y, const WIDE start, const WIDE delta, const long count, const long each)
{
    SHARE(i, count) y[i] = (T)(start + (WIDE)i * delta);
}

#ifdef SPACED
/* y[i] = start + i * (stop - start) / (count - 1), and y[count - 1] = stop exactly; y: [count], start, stop: one number. */
__kernel void spaced(__global T *restrict y, __global const T *restrict start, __global const T *restrict stop,
                     const long count, const long each)
{
    const WIDE first = start[0], last = stop[0];
    const WIDE step = (last - first) / (WIDE)max(count - 1, 1L);
    SHARE(i, count) y[i] = i + 1 == count && count > 1 ? (T)last : (T)(first + (WIDE)i * step);
}
#endif

#ifdef INDICES
/* y[o, indices[o, i], i] = on, the rest of y stays; y: [outer, depth, inner], indices: [outer, inner], on: one number.
 * A piece of work is one index: setting these places after a fill is less work than to compare every place with its index.
 */
__kernel void one_hot(__global T *restrict y, __global const INDICES *restrict indices, __global const T *restrict on,
                      const long depth, const long inner, const long count, const long each)
{
    const T yes = on[0];
    SHARE(place, count) {
        const long d = (long)indices[place];
        if (d >= 0 && d < depth) y[(place / inner * depth + d) * inner + place % inner] = yes;
    }
}

#define SHAPE                                                                                                  \
    const long d0, const long d1, const long d2, const long d3, const long d4, const long d5, const long d6,   \
        const long d7

/* The row-major place of index tuple number n in a tensor of the given shape; -1 after a complaint. */
#define PLACE(n, place)                                                                               \
    const long dims[8] = {d0, d1, d2, d3, d4, d5, d6, d7};                                            \
    long place = 0;                                                                                   \
    for (int k = 0; k < rank; ++k) {                                                                  \
        const long at = (long)indices[(n) * rank + k];                                                \
        if (at < 0 || at >= dims[k]) {                                                                \
            fail(report, 1, operation, (int)(n), k);                                                  \
            place = -1;                                                                               \
            break;                                                                                    \
        }                                                                                             \
        place = place * dims[k] + at;                                                                 \
    }

/* y[indices[n]] = values[n], the rest of y stays; indices: [count, rank], values: [count] or, with step 0, one number.
 * With `ordered` set, indices must increase from one to the next. A piece of work is one n.
 */
__kernel void scatter_dense(__global T *restrict y, __global const INDICES *restrict indices, __global const T *restrict values,
                            __global int *restrict report, const int operation, const int ordered, const int rank,
                            const long step, const long count, const long each, SHAPE)
{
    SHARE(n, count) {
        if (ordered && n > 0) {
            int order = 0;
            for (int k = 0; k < rank && order == 0; ++k) {
                const long before = (long)indices[(n - 1) * rank + k], here = (long)indices[n * rank + k];
                order = here > before ? 1 : here < before ? -1 : 0;
            }
            if (order != 1) fail(report, order == 0 ? 3 : 2, operation, (int)n, 0);
        }
        PLACE(n, place)
        if (place >= 0) y[place] = values[n * step];
    }
}

/* values[n] = y[indices[n]], shapes as above. */
__kernel void gather_dense(__global T *restrict values, __global const T *restrict y, __global const INDICES *restrict indices,
                           __global int *restrict report, const int operation, const int rank, const long count,
                           const long each, SHAPE)
{
    SHARE(n, count) {
        PLACE(n, place)
        if (place >= 0) values[n] = y[place];
    }
}

/* y[x[i]] = i; x, y, seen: [count]; seen, zero before, finds numbers that come twice. */
__kernel void invert_permutation(__global INDICES *restrict y, __global int *restrict seen, __global const INDICES *restrict x,
                                 __global int *restrict report, const int operation, const long count, const long each)
{
    SHARE(i, count) {
        const long at = (long)x[i];
        if (at < 0 || at >= count)
            fail(report, 1, operation, (int)i, (int)at);
        else if (atomic_inc(seen + at))
            fail(report, 2, operation, (int)i, (int)at);
        else
            y[at] = (INDICES)i;
    }
}

/* y is x with the first lengths[b] elements along one dimension (length, stride) turned round, b being the index along another
 * (batch, batch_stride); x, y: [count]. A piece of work is one element.
 */
__kernel void reverse_sequence(__global T *restrict y, __global const T *restrict x, __global const INDICES *restrict lengths,
                               __global int *restrict report, const int operation, const long length, const long stride,
                               const long batch, const long batch_stride, const long count, const long each)
{
    SHARE(place, count) {
        const long b = place / batch_stride % batch, i = place / stride % length;
        const long used = (long)lengths[b];
        if (used < 0 || used > length)
            fail(report, 1, operation, (int)b, (int)used);
        else
            y[place] = x[i < used ? place + (used - 1 - 2 * i) * stride : place];
    }
}
#endif

/* y[b, i, j] = x[b, i, j] where i - j <= lower and j - i <= upper (negative: no limit), else 0; x, y: [batch, rows, columns]. */
__kernel void band(__global T *restrict y, __global const T *restrict x, const long rows, const long columns, const long lower,
                   const long upper, const long count, const long each)
{
    SHARE(place, count) {
        const long j = place % columns, i = place / columns % rows;
        const int inside = (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper);
        y[place] = inside ? x[place] : (T)(0);
    }
}
