/* How numbers lie in the buckets of a histogram summary, with the least, the greatest, the sum and the sum of squares.
 *
 * A record is FIXED + BUCKETS numbers of 8 bytes: how many are NaN, and infinite; the least and the greatest; sum and sum of squares;
 * how many lie in each bucket. Sums, and floating extremes, are there as the bits of a double, whether the device has doubles or not.
 * NaN and infinities are counted and left out of everything else.
 *
 * Build constants:
 *   T, W, ACC    element type in memory; the type of at least 4 bytes it is compared in; the type of sums
 *   FLOATING     where W is a floating type
 *   DOUBLES      where ACC is double
 *   LEAST, MOST  what no number of W is below, or above
 *   BUCKETS      how many buckets there are
 *   GROUP        work-items in a work-group: 1 on a CPU
 */
#define FIXED 6

#ifdef DOUBLES
#define BITS(v) as_long((double)(v))
#else
/* The bits of the double that a float is; what is too small for a normal float is zero. */
inline long bits_of(const float v)
{
    const uint u = as_uint(v);
    const ulong sign = (ulong)(u >> 31) << 63, exponent = u >> 23 & 255, rest = (ulong)(u & 0x7fffff) << 29;
    return (long)(exponent == 0 ? sign : exponent == 255 ? sign | 0x7ffUL << 52 | rest : sign | (exponent + 896) << 52 | rest);
}
#define BITS(v) bits_of((float)(v))
#endif
#ifdef FLOATING
#define KEPT(v) BITS(v)
#else
#define KEPT(v) ((long)(v))
#endif

typedef struct {
    long nan, infinite;
    W least, most;
    ACC sum, squares;
} tally;

inline void join(tally *a, const tally b)
{
    a->nan += b.nan;
    a->infinite += b.infinite;
    a->least = min(a->least, b.least);
    a->most = max(a->most, b.most);
    a->sum += b.sum;
    a->squares += b.squares;
}

/* How many of the `count` limits, which rise, are not above v. */
inline int below(__global const W *restrict limits, const int count, const W v)
{
    int low = 0, high = count;
    while (low < high) {
        const int middle = (low + high) >> 1;
        if (limits[middle] <= v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* counts[part, bucket] and tallies[part] of the numbers of x that the part, a work-group, takes: `each` from part * each on.
 * Bucket b is of the numbers with b - `first` of the limits below or at them; limits before and after these are below and above all.
 */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void tally_summary(__global uint *restrict counts, __global long *restrict tallies, __global const T *restrict x,
                            __global const W *restrict limits, const long n, const long each, const int count,
                            const int first)
{
    __local uint local_counts[BUCKETS];
    const long part = get_group_id(0);
    const long begin = part * each, end = min(begin + each, n);
    for (int k = get_local_id(0); k < BUCKETS; k += GROUP)
        local_counts[k] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    tally all = {0, 0, MOST, LEAST, 0, 0};
    for (long i = begin + get_local_id(0); i < end; i += GROUP) {
        const W v = (W)x[i];
#ifdef FLOATING
        if (!isfinite(v)) {
            if (isnan(v))
                ++all.nan;
            else
                ++all.infinite;
            continue;
        }
#endif
        all.least = min(all.least, v);
        all.most = max(all.most, v);
        all.sum += (ACC)v;
        all.squares += (ACC)v * (ACC)v;
        __local uint *mine = local_counts + first + below(limits, count, v);
#if GROUP > 1
        atomic_inc(mine);
#else
        ++*mine;
#endif
    }
#if GROUP > 1
    __local tally joined[GROUP];
    joined[get_local_id(0)] = all;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (get_local_id(0) < half_of) {
            tally both = joined[get_local_id(0)];
            join(&both, joined[get_local_id(0) + half_of]);
            joined[get_local_id(0)] = both;
        }
    }
    all = joined[0];
#endif
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = get_local_id(0); k < BUCKETS; k += GROUP)
        counts[part * BUCKETS + k] = local_counts[k];
    if (get_local_id(0) == 0) {
        __global long *record = tallies + FIXED * part;
        record[0] = all.nan;
        record[1] = all.infinite;
        *(__global W *)(record + 2) = all.least;
        *(__global W *)(record + 3) = all.most;
        *(__global ACC *)(record + 4) = all.sum;
        *(__global ACC *)(record + 5) = all.squares;
    }
}

/* record = all parts together; global id 0 is the bucket, and the first item joins the tallies as well. */
__kernel void join_summary(__global long *restrict record, __global const uint *restrict counts,
                           __global const long *restrict tallies, const int parts)
{
    const int bucket = get_global_id(0);
    long total = 0;
    for (int part = 0; part < parts; ++part)
        total += counts[(long)part * BUCKETS + bucket];
    record[FIXED + bucket] = total;
    if (bucket > 0)
        return;
    tally all = {0, 0, MOST, LEAST, 0, 0};
    for (int part = 0; part < parts; ++part) {
        __global const long *found = tallies + FIXED * part;
        const tally one = {found[0], found[1], *(__global const W *)(found + 2), *(__global const W *)(found + 3),
                           *(__global const ACC *)(found + 4), *(__global const ACC *)(found + 5)};
        join(&all, one);
    }
    record[0] = all.nan;
    record[1] = all.infinite;
    record[2] = KEPT(all.least);
    record[3] = KEPT(all.most);
    record[4] = BITS(all.sum);
    record[5] = BITS(all.squares);
}
