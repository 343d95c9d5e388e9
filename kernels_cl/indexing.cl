/* Rows taken from and put into places that an index tensor names.
 *
 * Build constants: T, the element type (for plain moves, an unsigned type as wide); INDEX, int or long; for scatter, one of
 * ADD, SUBTRACT and UPDATE; for gather on CPUs, LANES, a vector's width, and STREAM, where the result is larger than the caches. An index that is out of range never leads to an access: its row is zero or left out.
 */
#ifdef HAS_FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#ifdef HAS_FLOAT16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#include "check.clh"
#include "stream.clh"
#include "near.clh"
#ifdef LANES
#include "vector.clh"
typedef VECTOR(T) vec;
typedef GLUE(VECTOR(T), _u) vec_u;
#endif

inline int saturated(long x)
{
    return (int)clamp(x, -2147483648l, 2147483647l);
}

/* out[i, :] = params[index[i], :], and a report of an index outside [0, size).
 * params [size, inner], index [n], out [n, inner]. Global id 0 takes `columns` columns, global id 1 takes `each` rows: whole
 * rows on a CPU, one element on a GPU, so that neighbours read neighbours. A CPU asks for a row's lines `ahead` rows before it
 * copies them (not at all with 0), since it cannot foresee where rows lie.
 */
__kernel void gather_rows(__global T *restrict out, __global const T *restrict params, __global const INDEX *restrict index,
#ifdef CHECKED
                          __global int *report, const int operation,
#endif
                          const long n, const long inner, const long size, const long each, const long columns,
                          const long ahead)
{
    const long left = get_global_id(0) * columns, right = min(left + columns, inner);
    const long begin = get_global_id(1) * each, end = min(begin + each, n);
    for (long i = begin; i < end; ++i) {
#ifdef LANES
        if (ahead > 0 && i + ahead < end) {
            const long next = index[i + ahead];
            if (next >= 0 && next < size)
                for (long c = 0; c < inner; c += 64 / sizeof(T)) NEAR(params + next * inner + c);
        }
#endif
        const long row = index[i];
        __global T *to = out + i * inner;
        if (row < 0 || row >= size) {
#ifdef CHECKED
            fail(report, 1, operation, saturated(row), saturated(size));
#endif
            for (long c = left; c < right; ++c)
                to[c] = 0;
            continue;
        }
        __global const T *from = params + row * inner;
        long c = left;
#ifdef LANES
#ifdef STREAM
        for (; c + LANES <= right; c += LANES)
            STREAM_STORE((__global vec *)(to + c), *(__global const vec_u *)(from + c));
#else
        for (; c + LANES <= right; c += LANES)
            *(__global vec_u *)(to + c) = *(__global const vec_u *)(from + c);
#endif
#endif
        for (; c < right; ++c)
            to[c] = from[c];
    }
    STREAM_END
}

/* Reports an index outside [0, size). Global id 0 takes `each` of the n indices. */
__kernel void check_rows(__global int *report, __global const INDEX *index, const int operation, const long n,
                         const long size, const long each)
{
    const long begin = get_global_id(0) * each, end = min(begin + each, n);
    for (long i = begin; i < end; ++i)
        if (index[i] < 0 || index[i] >= size)
            fail(report, 1, operation, saturated(index[i]), saturated(size));
}

/* rows[i] = the number of the row that the coordinates index[i, 0 .. depth) name in dimensions d0 .., -1 where one is out of
 * range (which is reported with CHECKED). Global id 0 is i.
 */
__kernel void flatten_index(__global long *rows, __global const INDEX *index,
#ifdef CHECKED
                            __global int *report, const int operation,
#endif
                            const int depth, const long d0, const long d1, const long d2, const long d3, const long d4,
                            const long d5, const long d6, const long d7)
{
    const long i = get_global_id(0), dims[8] = {d0, d1, d2, d3, d4, d5, d6, d7};
    long row = 0;
    for (int d = 0; d < depth; ++d) {
        const long at = index[i * depth + d];
        if (at < 0 || at >= dims[d]) {
#ifdef CHECKED
            fail(report, 2, operation, saturated(at), d);
#endif
            row = -1;
            break;
        }
        row = row * dims[d] + at;
    }
    rows[i] = row;
}

/* rows[i] = the row of ids[i] in `tables` tables put one after the other, which share `total` rows evenly: with MODULO row
 * id / tables of table id % tables, else row id of all. Reports an id outside [0, total). Global id 0 is i.
 */
#ifdef CHECKED
__kernel void partitioned_rows(__global INDEX *rows, __global const INDEX *ids, __global int *report, const int operation,
                               const long total, const long tables)
{
    const long i = get_global_id(0), id = ids[i];
    if (id < 0 || id >= total)
        fail(report, 1, operation, saturated(id), saturated(total));
#ifdef MODULO
    const long table = id % tables;
    rows[i] = id < 0 || id >= total ? -1 : table * (total / tables) + min(table, total % tables) + id / tables;
#else
    rows[i] = id;
#endif
}
#endif

#if defined ADD || defined SUBTRACT || defined UPDATE
#ifdef ADD
#define CHANGE(old, new) ((old) + (new))
#elif defined SUBTRACT
#define CHANGE(old, new) ((old) - (new))
#else
#define CHANGE(old, new) (new)
#endif

/* target[index[i], :] changes by updates[i, :], for i in order.
 * target [size, inner], updates [n, inner]. Global id 0 owns `each` rows of the target and goes through all indices for those
 * that are its own, so that several updates of a row come in order whatever the number of cores: a shape for CPUs.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void scatter_owned(__global T *restrict target, __global const T *restrict updates,
                            __global const INDEX *restrict index, const long n, const long inner, const long size,
                            const long each)
{
    const long first = get_global_id(0) * each, last = min(first + each, size);
    for (long i = 0; i < n; ++i) {
        const long row = index[i];
        if (row < first || row >= last)
            continue;
        __global T *to = target + row * inner;
        __global const T *from = updates + i * inner;
        for (long c = 0; c < inner; ++c)
            to[c] = CHANGE(to[c], from[c]);
    }
}

/* The same where `order` sorts the indices (stably, sort.cl). Global id 0 is a column, global id 1 a place in that order; the
 * first place of a row's updates does them all, in order: a shape for GPUs.
 */
__kernel void scatter_sorted(__global T *restrict target, __global const T *restrict updates,
                             __global const INDEX *restrict index, __global const int *restrict order, const long n,
                             const long inner, const long size)
{
    const long c = get_global_id(0);
    long place = get_global_id(1);
    const long row = index[order[place]];
    if (row < 0 || row >= size || (place > 0 && index[order[place - 1]] == row))
        return;
    T value = target[row * inner + c];
    for (; place < n && index[order[place]] == row; ++place)
        value = CHANGE(value, updates[order[place] * inner + c]);
    target[row * inner + c] = value;
}
#endif

/* y[r, j] = x[r, index[r, j]]; x [rows, n], index and y [rows, k]. Global id 0 is an element of y. */
__kernel void take_last(__global T *y, __global const T *x, __global const int *index, const long n, const long k)
{
    const long e = get_global_id(0);
    const long at = index[e];
    y[e] = at >= 0 && at < n ? x[e / k * n + at] : (T)0;
}

/* x[r, index[r, j]] = y[r, j], for indices that are different in each row. Global id 0 is an element of y. */
__kernel void put_last(__global T *x, __global const T *y, __global const int *index, const long n, const long k)
{
    const long e = get_global_id(0);
    const long at = index[e];
    if (at >= 0 && at < n)
        x[e / k * n + at] = y[e];
}

/* hit[r] = whether fewer than k of predictions[r, :] are larger than that of the target; false for a target that is no class
 * or whose prediction is not finite. predictions [rows, n]. Global id 0 takes `each` rows.
 */
__kernel void in_top(__global uchar *hit, __global const float *predictions, __global const INDEX *targets,
                     const long rows, const long n, const long k, const long each)
{
    const long begin = get_global_id(0) * each, end = min(begin + each, rows);
    for (long r = begin; r < end; ++r) {
        const long target = targets[r];
        if (target < 0 || target >= n || !isfinite(predictions[r * n + target])) {
            hit[r] = 0;
            continue;
        }
        const float mine = predictions[r * n + target];
        long larger = 0;
        for (long c = 0; c < n; ++c)
            larger += predictions[r * n + c] > mine;
        hit[r] = larger < k;
    }
}
