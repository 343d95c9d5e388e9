/* Softmax, its logarithm and the cross entropies with it, over the rows of a matrix x: [rows, n].
 *
 * With m = max_j x[j] and s = sum_j exp(x[j] - m) of a row,
 *   SOFTMAX        y[j] = exp(x[j] - m) / s
 *   LOG_SOFTMAX    y[j] = x[j] - m - log(s)
 *   CROSS_ENTROPY  loss = sum_j labels[j] (log(s) - (x[j] - m)),  y[j] = softmax[j] - labels[j] is its gradient
 *   SPARSE         the same for labels that are 1 at one column and 0 elsewhere, given as that column's number
 * (Goodfellow, Bengio, Courville: Deep Learning, section 4.1, on taking off the maximum.)
 *
 * Build constants: one of the four names above; those of lanes.clh; LABEL, the labels' type with SPARSE;
 *   VECTORS   CPU: number of vectors in a row, where it is small enough for a row to stay in registers
 *   GROUP     GPU: work-items that share a row
 */
#include "lanes.clh"
#include "check.clh"

#if defined(CROSS_ENTROPY) || defined(SPARSE)
#define LOSS __global T *restrict loss,
#else
#define LOSS
#endif
#ifdef CROSS_ENTROPY
#define LABELS __global const T *restrict labels,
#elif defined(SPARSE)
#define LABELS __global const LABEL *restrict labels, __global int *report, const int operation,
#else
#define LABELS
#endif

#ifdef SPARSE
/* The row's label, or -1 after a complaint where it is no column. */
inline int checked(LABEL label, int n, __global int *report, int operation)
{
    if (label >= 0 && label < n) return (int)label;
    fail(report, 1, operation, (int)clamp((long)label, (long)INT_MIN, (long)INT_MAX), n);
    return -1;
}
#endif

#ifndef GROUP

#ifdef VECTORS
#define CHUNKS VECTORS
#define KEEP(v, at, value) kept[v] = (value)
#define KEPT(v, at) kept[v]
#else
#define CHUNKS ((n + LANES - 1) / LANES)
#define KEEP(v, at, value) STORE(to + (at), TO_T(value))
#define KEPT(v, at) TO_ACC(LOAD(to + (at)))
#endif

/* loss: [rows], y: [rows, n], x: [rows, n], labels: [rows, n] or [rows].
 * A work-item takes `rows_each` rows, one after the other: a row is three short loops over vectors, and its exponentials stay
 * in registers (VECTORS) or in the result's memory between the last two.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void softmax_rows(LOSS __global T *restrict y, __global const T *restrict x, LABELS const long rows, const int n,
                           const long rows_each)
{
    const int chunks = CHUNKS, last = chunks - 1, tail = n - LANES;
    const acc overlap = (acc)((ACC)(chunks * LANES - n));
    const acc zero = (acc)(0);
    long row = get_global_id(0) * rows_each;
    const long end = min(row + rows_each, rows);
    for (; row < end; ++row) {
        __global const T *from = x + row * n;
        __global T *to = y + row * n;
#ifdef VECTORS
        acc kept[VECTORS];
#endif
        acc top = TO_ACC(LOAD(from + tail));
#pragma unroll
        for (int v = 0; v < last; ++v) {
            const acc value = TO_ACC(LOAD(from + v * LANES));
            top = value > top ? value : top;
        }
        const acc most = (acc)(max_lanes(top));
        acc sums = zero;
#ifdef CROSS_ENTROPY
        acc products = zero, weights = zero;
#endif
#pragma unroll
        for (int v = 0; v < chunks; ++v) {
            const int at = v < last ? v * LANES : tail;
            const acc difference = TO_ACC(LOAD(from + at)) - most;
            const acc power = exp(difference);
#ifndef LOG_SOFTMAX
            KEEP(v, at, power);
#endif
            sums += v < last ? power : (LANE >= overlap ? power : zero);
#ifdef CROSS_ENTROPY
            const acc label = TO_ACC(LOAD(labels + row * n + at));
            const acc weight = v < last ? label : (LANE >= overlap ? label : zero);
            products += weight * difference;
            weights += weight;
#endif
        }
        const ACC sum = sum_lanes(sums);
#ifdef LOG_SOFTMAX
        const acc shift = most + (acc)(log(sum));
        for (int v = 0; v < chunks; ++v) {
            const int at = v < last ? v * LANES : tail;
            STORE(to + at, TO_T(TO_ACC(LOAD(from + at)) - shift));
        }
#else
        const acc share = (acc)((ACC)(1) / sum);
        const acc rest = KEPT(last, tail); /* before the neighbour that it overlaps is written */
#pragma unroll
        for (int v = 0; v < chunks; ++v) {
            const int at = v < last ? v * LANES : tail;
            acc value = (v < last ? KEPT(v, at) : rest) * share;
#ifdef CROSS_ENTROPY
            value -= TO_ACC(LOAD(labels + row * n + at));
#endif
            STORE(to + at, TO_T(value));
        }
#endif
#ifdef CROSS_ENTROPY
        loss[row] = (T)(log(sum) * sum_lanes(weights) - sum_lanes(products));
#elif defined(SPARSE)
        const int label = checked(labels[row], n, report, operation);
        if (label >= 0) {
            loss[row] = (T)(log(sum) - ((ACC)(from[label]) - max_lanes(most)));
            to[label] -= (T)(1);
        }
#endif
    }
}

#else

/* Joins the work-items' values by `op` of `one` and `other`, as a tree; all have the result afterwards. */
#if GROUP > 1
#define SHARE(value, op) \
    part[i] = value; \
    barrier(CLK_LOCAL_MEM_FENCE); \
    for (int reach = GROUP / 2; reach > 0; reach /= 2) { \
        if (i < reach) { \
            const ACC one = part[i], other = part[i + reach]; \
            part[i] = op; \
        } \
        barrier(CLK_LOCAL_MEM_FENCE); \
    } \
    value = part[0]; \
    barrier(CLK_LOCAL_MEM_FENCE);
#else
#define SHARE(value, op)
#endif

/* Arguments as above. A row belongs to a work-group of GROUP work-items, that take neighbouring columns in turn, or, where
 * rows are short, to one work-item (GROUP 1).
 */
__kernel void softmax_groups(LOSS __global T *restrict y, __global const T *restrict x, LABELS const long rows, const int n,
                             const long rows_each)
{
#if GROUP > 1
    __local ACC part[GROUP];
    const long row = get_group_id(0);
    const int i = get_local_id(0);
#else
    const long row = get_global_id(0);
    const int i = 0;
#endif
    __global const T *from = x + row * n;
    __global T *to = y + row * n;
    ACC most = -INFINITY;
    for (int j = i; j < n; j += GROUP) most = (ACC)(from[j]) > most ? (ACC)(from[j]) : most;
    SHARE(most, one > other ? one : other)
    ACC sum = 0;
#ifdef CROSS_ENTROPY
    ACC product = 0, weight = 0;
#endif
    for (int j = i; j < n; j += GROUP) {
        const ACC difference = (ACC)(from[j]) - most;
        const ACC power = exp(difference);
        sum += power;
#ifndef LOG_SOFTMAX
        to[j] = (T)(power);
#endif
#ifdef CROSS_ENTROPY
        const ACC label = (ACC)(labels[row * n + j]);
        product += label * difference;
        weight += label;
#endif
    }
    SHARE(sum, one + other)
#ifdef LOG_SOFTMAX
    const ACC shift = most + log(sum);
    for (int j = i; j < n; j += GROUP) to[j] = (T)((ACC)(from[j]) - shift);
#else
#ifdef SPARSE
    const int label = checked(labels[row], n, report, operation);
#endif
    const ACC share = (ACC)(1) / sum;
    for (int j = i; j < n; j += GROUP) {
        ACC value = (ACC)(to[j]) * share;
#ifdef CROSS_ENTROPY
        value -= (ACC)(labels[row * n + j]);
#elif defined(SPARSE)
        value -= j == label ? (ACC)(1) : (ACC)(0);
#endif
        to[j] = (T)(value);
    }
#endif
#ifdef CROSS_ENTROPY
    SHARE(product, one + other)
    SHARE(weight, one + other)
    if (i == 0) loss[row] = (T)(log(sum) * weight - product);
#elif defined(SPARSE)
    if (i == 0 && label >= 0) loss[row] = (T)(log(sum) - ((ACC)(from[label]) - most));
#endif
}

#endif
