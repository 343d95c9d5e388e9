/* Stable sorting of rows by merging, and choosing the largest elements of rows.
 *
 * Keys are unsigned 64-bit (include/order.clh); what is sorted is pairs of key and position in the row. Equal keys keep
 * their order, so the result is one and the same on every device.
 */
#include "order.clh"

#define RUN 16

/* keys[r, :], order[r, :] = the row x[r, :] in runs of RUN elements, each sorted by insertion.
 * x [rows, n]. Global id 0 is a run of the row, global id 1 the row: short runs in private memory suit CPUs and GPUs alike.
 */
__kernel void sort_runs(__global ulong *keys, __global int *order, __global const T *x, const long n)
{
    const long begin = get_global_id(0) * RUN, row = get_global_id(1) * n;
    const int count = (int)min((long)RUN, n - begin);
    ulong key[RUN];
    int from[RUN];
    for (int i = 0; i < count; ++i) {
        const ulong k = KEY(x[row + begin + i]);
        int j = i;
        for (; j > 0 && key[j - 1] > k; --j) {
            key[j] = key[j - 1];
            from[j] = from[j - 1];
        }
        key[j] = k;
        from[j] = i;
    }
    for (int i = 0; i < count; ++i) {
        keys[row + begin + i] = key[i];
        order[row + begin + i] = (int)begin + from[i];
    }
}

/* Merges neighbouring sorted runs of `width` elements in each row into runs of twice that.
 * keys, order [rows, n] to out_keys, out_order. Global id 0 takes `chunk` elements of the result, global id 1 the row; where
 * its part of the two runs begins is found by bisection along the merge path (Green, McColl, Bader, "GPU Merge Path", 2012),
 * so that the last passes, of few long runs, are parallel, too.
 */
__kernel void sort_merge(__global ulong *restrict out_keys, __global int *restrict out_order,
                         __global const ulong *restrict keys, __global const int *restrict order,
                         const long n, const long width, const long chunk)
{
    const long row = get_global_id(1) * n;
    long at = get_global_id(0) * chunk;
    const long end = min(at + chunk, n);
    keys += row;
    order += row;
    out_keys += row;
    out_order += row;
    while (at < end) {
        const long first = at / (2 * width) * (2 * width);
        const long middle = min(first + width, n), last = min(first + 2 * width, n);
        const long taken = at - first;
        /* a: how many of the first `taken` elements of the result come from the first run. */
        long low = max(0l, taken - (last - middle)), high = min(taken, middle - first);
        while (low < high) {
            const long a = (low + high) / 2;
            if (keys[first + a] <= keys[middle + taken - a - 1])
                low = a + 1;
            else
                high = a;
        }
        long i = first + low, j = middle + taken - low;
        const long stop = min(end, last);
        for (; at < stop; ++at) {
            const int left = j >= last || (i < middle && keys[i] <= keys[j]);
            const long from = left ? i : j;
            out_keys[at] = keys[from];
            out_order[at] = order[from];
            i += left;
            j += !left;
        }
    }
}

/* values[r, j], indices[r, j] = the j-th largest element of x[r, :] and its position; of equal ones the first comes first.
 * x [rows, n], values and indices [rows, k]. Global id 0 takes `each` rows: the k best so far are kept in order in `indices`,
 * and most elements are passed over after one comparison.
 */
__kernel void top_rows(__global T *values, __global int *indices, __global const T *x,
                       const long rows, const int n, const int k, const long each)
{
    const long begin = get_global_id(0) * each, end = min(begin + each, rows);
    for (long r = begin; r < end; ++r) {
        __global const T *row = x + r * n;
        __global int *best = indices + r * k;
        int held = 0;
        ulong least = 0;
        for (int i = 0; i < n; ++i) {
            const ulong key = ordered(row[i]);
            if (held == k && key <= least)
                continue;
            int j = held < k ? held++ : k - 1;
            for (; j > 0 && ordered(row[best[j - 1]]) < key; --j)
                best[j] = best[j - 1];
            best[j] = i;
            least = ordered(row[best[held - 1]]);
        }
        for (int j = 0; j < k; ++j)
            values[r * k + j] = row[best[j]];
    }
}

/* values[r, j], indices[r, j] from rows sorted in descending order: their first k entries.
 * Global id 0 is j, global id 1 the row.
 */
__kernel void top_of_sorted(__global T *values, __global int *indices, __global const T *x, __global const int *order,
                            const long n, const long k)
{
    const long j = get_global_id(0), r = get_global_id(1);
    const int from = order[r * n + j];
    indices[r * k + j] = from;
    values[r * k + j] = x[r * n + from];
}

/* first[i] = 1 where x[i] is the first of its value, else 0; starts[p] = 1 where a value begins in the sorted order.
 * keys, order: x sorted. Global id 0 is the place p in that order.
 */
__kernel void unique_marks(__global int *first, __global int *starts, __global const ulong *keys, __global const int *order)
{
    const long p = get_global_id(0);
    const int start = p == 0 || keys[p] != keys[p - 1];
    starts[p] = start;
    first[order[p]] = start;
}

/* y[i] = the smallest j with x[j] = x[i]. keys, order: x sorted; n of them. Global id 0 takes `each` places in that order, and
 * of them writes what begins there.
 */
__kernel void first_equal(__global int *restrict y, __global const ulong *restrict keys, __global const int *restrict order,
                          const long n, const long each)
{
    const long end = min((long)(get_global_id(0) + 1) * each, n);
    for (long p = get_global_id(0) * each; p < end; ++p) {
        if (p > 0 && keys[p] == keys[p - 1]) continue;
        for (long q = p; q < n && keys[q] == keys[p]; ++q) y[order[q]] = order[p];
    }
}

/* From the marks and their running sums: place[g] = where the g-th value begins in the sorted order, y[...] = the values in
 * the order of their first appearance, and sizes = {number of values, n, number of values}.
 * rank: exclusive sums of `first`; group: inclusive sums of `starts`. Global id 0 is the place p in the sorted order.
 */
__kernel void unique_values(__global T *y, __global int *place, __global int *sizes, __global const T *x,
                            __global const int *order, __global const int *starts, __global const int *group,
                            __global const int *rank, const int outputs, const long n)
{
    const long p = get_global_id(0);
    if (starts[p]) {
        const int i = order[p];
        place[group[p] - 1] = (int)p;
        y[rank[i]] = x[i];
    }
    if (p == n - 1) {
        place[group[p]] = (int)n;
        sizes[0] = group[p];
        sizes[1] = (int)n;
        if (outputs > 2)
            sizes[2] = group[p];
    }
}

#ifdef INDEX
/* index[i] = which of the values x[i] is; counts[...] = how often each value appears (where COUNTS is defined).
 * Global id 0 is the place p in the sorted order.
 */
__kernel void unique_index(__global INDEX *index,
#ifdef COUNTS
                           __global INDEX *counts,
#endif
                           __global const int *order, __global const int *starts, __global const int *group,
                           __global const int *rank, __global const int *place)
{
    const long p = get_global_id(0);
    const int g = group[p] - 1;
    const int which = rank[order[place[g]]];
    index[order[p]] = which;
#ifdef COUNTS
    if (starts[p])
        counts[which] = place[g + 1] - place[g];
#endif
}
#endif

/* flags[i] = 1 where x[i] is not among the m sorted keys, else 0. Global id 0 is i. */
__kernel void not_among(__global uchar *flags, __global const T *x, __global const ulong *keys, const long m)
{
    const long i = get_global_id(0);
    const ulong key = KEY(x[i]);
    long low = 0, high = m;
    while (low < high) {
        const long middle = (low + high) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    flags[i] = !(low < m && keys[low] == key);
}

/* out[i] = x[order[i]] for rows of `inner` elements. Global id 0 is an element of out. */
__kernel void take_rows(__global T *out, __global const T *x, __global const int *order, const long inner)
{
    const long e = get_global_id(0);
    out[e] = x[order[e / inner] * inner + e % inner];
}
