/* Reductions of runs of rows that a sorted list of numbers marks off.
 *
 * Build constants: T, the element type; ACC, the type that is computed in (float where T is half); INDEX, int or long; and one of
 * SUM, MEAN, PROD, MAX and MIN.
 */
#ifdef HAS_FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#ifdef HAS_FLOAT16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#include "check.clh"

#define COLUMNS 16

inline long lower_bound(__global const INDEX *ids, long n, long id)
{
    long low = 0;
    while (low < n) {
        const long middle = (low + n) / 2;
        if (ids[middle] < id)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

/* rows[0] = the last of n ids, plus 1; 0 where there is none. One work-item. */
__kernel void segment_rows(__global int *rows, __global const INDEX *ids, const long n)
{
    rows[0] = n ? max((int)ids[n - 1] + 1, 0) : 0;
}

/* largest[0] = the greatest of n ids and largest[0] itself (-1 where `fresh`), and then, where `close`, plus 1.
 * One work-group of GROUP work-items, each of which takes every GROUP-th id.
 */
#ifdef GROUP
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void largest_id(__global int *largest, __global const INDEX *ids, const long n, const int fresh, const int close)
{
    __local int found[GROUP];
    int most = -1;
    for (long i = get_local_id(0); i < n; i += GROUP)
        most = max(most, (int)ids[i]);
    found[get_local_id(0)] = most;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        most = fresh ? -1 : largest[0];
        for (int i = 0; i < GROUP; ++i)
            most = max(most, found[i]);
        largest[0] = most + close;
    }
}
#endif

/* Reports ids that are negative or smaller than the one before. Global id 0 takes `each` of the n ids. */
__kernel void check_sorted(__global int *report, __global const INDEX *ids, const int operation, const long n, const long each)
{
    const long begin = get_global_id(0) * each, end = min(begin + each, n);
    for (long i = begin; i < end; ++i) {
        if (ids[i] < 0)
            fail(report, 1, operation, (int)i, (int)ids[i]);
        if (i > 0 && ids[i] < ids[i - 1])
            fail(report, 2, operation, (int)ids[i], (int)ids[i - 1]);
    }
}

#if defined SUM || defined MEAN
#define NEUTRAL 0
#define JOIN(a, b) ((a) + (b))
#elif defined PROD
#define NEUTRAL 1
#define JOIN(a, b) ((a) * (b))
#elif defined MAX
#define NEUTRAL 0
#define JOIN(a, b) ((b) > (a) ? (b) : (a))
#elif defined MIN
#define NEUTRAL 0
#define JOIN(a, b) ((b) < (a) ? (b) : (a))
#endif

#ifdef JOIN
/* out[s, :] = the reduction of data[i, :] over the i with ids[i] = s; the neutral element (0 for maxima and minima) where
 * there is none. data [n, inner], ids [n] in rising order, out [rows, inner]. Global id 0 takes `columns` columns (at most
 * COLUMNS), global id 1 takes `each` rows of out, whose part of the data is found by bisection.
 */
__kernel void segment_reduce(__global T *restrict out, __global const T *restrict data, __global const INDEX *restrict ids,
                             const long n, const long inner, const long rows, const long each, const long columns)
{
    const long left = get_global_id(0) * columns;
    const int wide = (int)min(columns, inner - left);
    const long begin = get_global_id(1) * each, end = min(begin + each, rows);
    long i = lower_bound(ids, n, begin);
    for (long s = begin; s < end; ++s) {
        const long first = i;
        ACC value[COLUMNS];
        for (int c = 0; c < wide; ++c)
            value[c] = NEUTRAL;
        for (; i < n && ids[i] == s; ++i)
            for (int c = 0; c < wide; ++c) {
                const ACC x = data[i * inner + left + c];
#if defined MAX || defined MIN
                value[c] = i == first ? x : JOIN(value[c], x);
#else
                value[c] = JOIN(value[c], x);
#endif
            }
        for (int c = 0; c < wide; ++c)
#ifdef MEAN
            out[s * inner + left + c] = (T)(i > first ? value[c] / (ACC)(i - first) : value[c]);
#else
            out[s * inner + left + c] = (T)value[c];
#endif
    }
}
#endif

/* y[s, :] = x[s, :] / how often s is among the sorted ids (0 where never). x, y [rows, inner]. Global id 0 is an element. */
#ifdef ACC
__kernel void segment_divide(__global T *y, __global const T *x, __global const INDEX *ids, const long n, const long inner)
{
    const long e = get_global_id(0), s = e / inner;
    const long count = lower_bound(ids, n, s + 1) - lower_bound(ids, n, s);
    y[e] = count ? (T)((ACC)x[e] / (ACC)count) : (T)0;
}
#endif
