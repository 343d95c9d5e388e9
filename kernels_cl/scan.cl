/* Running sums and products, and the choice of elements by them.
 *
 * Build constants: T, the element type; ACC, the type that is summed in (float where T is half); PRODUCT for products;
 * COLUMNS, how many columns a work-item takes at a time (a vector's worth on a CPU, 1 on a GPU).
 */
#include "order.clh"

#ifdef COLUMNS
#ifdef PRODUCT
#define NEUTRAL 1
#define JOIN(a, b) ((a) * (b))
#else
#define NEUTRAL 0
#define JOIN(a, b) ((a) + (b))
#endif

/* out[o, i, c] = the sum over j <= i (j < i where exclusive) of x[o, j, c]; with reverse, over j >= i (j > i).
 * x, out [outer, n, inner]. Global id 0 takes COLUMNS columns c, global id 1 is a block of `chunk` steps i, global id 2 is o.
 * `before` [outer, blocks, inner] holds what each block starts with, and is read where there are several blocks. A work-item
 * walks one block in order, since one row's sum needs the last one's.
 */
__kernel void scan_blocks(__global T *out, __global const T *x, __global const ACC *before,
                          const long n, const long inner, const long chunk, const int exclusive, const int reverse)
{
    const long c = get_global_id(0) * COLUMNS, block = get_global_id(1), o = get_global_id(2);
    const int columns = (int)min((long)COLUMNS, inner - c);
    const long begin = block * chunk, end = min(begin + chunk, n);
    ACC sum[COLUMNS];
    for (int k = 0; k < columns; ++k)
        sum[k] = get_global_size(1) > 1 ? before[(o * get_global_size(1) + block) * inner + c + k] : (ACC)NEUTRAL;
    for (long step = begin; step < end; ++step) {
        const long at = (o * n + (reverse ? n - 1 - step : step)) * inner + c;
        for (int k = 0; k < columns; ++k) {
            const ACC with = JOIN(sum[k], (ACC)x[at + k]);
            out[at + k] = (T)(exclusive ? sum[k] : with);
            sum[k] = with;
        }
    }
}

/* totals[o, b, c] = the sum of block b of x[o, :, c]. Shapes and ids as for scan_blocks. */
__kernel void scan_totals(__global ACC *totals, __global const T *x, const long n, const long inner, const long chunk,
                          const int reverse)
{
    const long c = get_global_id(0) * COLUMNS, block = get_global_id(1), o = get_global_id(2);
    const int columns = (int)min((long)COLUMNS, inner - c);
    const long begin = block * chunk, end = min(begin + chunk, n);
    ACC sum[COLUMNS];
    for (int k = 0; k < columns; ++k)
        sum[k] = NEUTRAL;
    for (long step = begin; step < end; ++step) {
        const long at = (o * n + (reverse ? n - 1 - step : step)) * inner + c;
        for (int k = 0; k < columns; ++k)
            sum[k] = JOIN(sum[k], (ACC)x[at + k]);
    }
    for (int k = 0; k < columns; ++k)
        totals[(o * get_global_size(1) + block) * inner + c + k] = sum[k];
}
#endif

#if defined NONZERO || defined PART
/* An element is chosen where it is not zero (NONZERO), or where it is the number `part` (PART). */
#ifdef NONZERO
#define FLAG(x) ((x) != 0)
#else
#define FLAG(x) ((x) == part)
#endif

/* counts[b] = how many of x's elements b chunk .. (b + 1) chunk are chosen. Global id 0 is b. */
__kernel void choose_count(__global int *counts, __global const T *x, const int part, const long n, const long chunk)
{
    const long begin = get_global_id(0) * chunk, end = min(begin + chunk, n);
    int count = 0;
    for (long i = begin; i < end; ++i)
        count += FLAG(x[i]) ? 1 : 0;
    counts[get_global_id(0)] = count;
}

/* Turns counts into the sums of those before, and writes their total to sizes[entry .. entry + entries).
 * One work-group of GROUP work-items, each with its share of the blocks.
 */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void choose_offsets(__global int *counts, __global int *sizes, const int entry, const int entries, const int blocks)
{
    __local int sums[GROUP];
    const int id = get_local_id(0), each = (blocks + GROUP - 1) / GROUP;
    const int begin = min(id * each, blocks), end = min(begin + each, blocks);
    int sum = 0;
    for (int b = begin; b < end; ++b)
        sum += counts[b];
    sums[id] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    int before = 0;
    for (int i = 0; i < id; ++i)
        before += sums[i];
    for (int b = begin; b < end; ++b) {
        const int count = counts[b];
        counts[b] = before;
        before += count;
    }
    if (id == GROUP - 1)
        for (int e = 0; e < entries; ++e)
            sizes[entry + e] = before;
}

/* out[m, :] = the coordinates of the m-th chosen element in the shape [.., d1, .., d7] of the given rank.
 * offsets: from choose_offsets. Global id 0 is the block.
 */
__kernel void choose_coordinates(__global long *out, __global const T *x, __global const int *offsets, const int part,
                                 const long n, const long chunk, const int rank, const long d1, const long d2, const long d3,
                                 const long d4, const long d5, const long d6, const long d7)
{
    const long dims[8] = {0, d1, d2, d3, d4, d5, d6, d7};
    const long begin = get_global_id(0) * chunk, end = min(begin + chunk, n);
    long m = offsets[get_global_id(0)];
    for (long i = begin; i < end; ++i) {
        if (!(FLAG(x[i])))
            continue;
        long rest = i;
        for (int d = rank - 1; d > 0; --d) {
            out[m * rank + d] = rest % dims[d];
            rest /= dims[d];
        }
        if (rank > 0)
            out[m * rank] = rest;
        ++m;
    }
}

#ifdef DATA
/* Rows of data, [n, inner], that are chosen: chosen[m, :] = data[i, :] for the m-th chosen i; with BACK, the other way
 * round. Global id 0 takes the block's rows, global id 1 takes `columns` columns.
 */
#ifdef BACK
#define CHOSEN_TYPE __global const DATA
#define DATA_TYPE __global DATA
#else
#define CHOSEN_TYPE __global DATA
#define DATA_TYPE __global const DATA
#endif
__kernel void choose_rows(CHOSEN_TYPE *restrict chosen, DATA_TYPE *restrict data, __global const T *restrict x,
                          __global const int *offsets, const int part, const long n, const long chunk, const long inner,
                          const long columns)
{
    const long begin = get_global_id(0) * chunk, end = min(begin + chunk, n);
    const long left = get_global_id(1) * columns, right = min(left + columns, inner);
    long m = offsets[get_global_id(0)];
    for (long i = begin; i < end; ++i) {
        if (!(FLAG(x[i])))
            continue;
        for (long c = left; c < right; ++c) {
#ifdef BACK
            data[i * inner + c] = chosen[m * inner + c];
#else
            chosen[m * inner + c] = data[i * inner + c];
#endif
        }
        ++m;
    }
}

/* chosen[m] = data[i] and index[m] = i for the m-th chosen i. Global id 0 is the block. */
#ifdef INDEX
__kernel void choose_values(__global DATA *chosen, __global INDEX *index, __global const DATA *data, __global const T *x,
                            __global const int *offsets, const int part, const long n, const long chunk)
{
    const long begin = get_global_id(0) * chunk, end = min(begin + chunk, n);
    long m = offsets[get_global_id(0)];
    for (long i = begin; i < end; ++i) {
        if (!(FLAG(x[i])))
            continue;
        chosen[m] = data[i];
        index[m] = i;
        ++m;
    }
}
#endif
#endif
#endif
