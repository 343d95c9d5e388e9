/* What a panel shows of the numbers in a buffer, reduced where they lie: statistics, histograms, and pictures of matrices.
 *
 * Several buffers of one type are handled in one call: `parts` is a table of stretches of them, a work-group each, as rows of
 * (which buffer, first element, end, result). The parts of a result follow each other, and `firsts` has the first of each.
 *
 * A record is SLOTS numbers of 8 bytes: how many are finite, zero, negative (and finite), NaN; mean and sum of squared distances
 * from it, as ACC; the least and the greatest, as W; how many are minus infinity; and the power of 2 that the mean is to be
 * multiplied by, and the sum twice. All but zeros, NaN and minus infinity are of the finite numbers.
 *
 * Build constants:
 *   T, W, ACC    element type in memory; the type of at least 4 bytes it is computed with; the type of sums
 *   M, ACC_M     integer types as large as W and as ACC
 *   FLOATING     where W is a floating type
 *   LEAST, MOST  what no number of W is below, or above
 *   SCALE        where squares of W may be too large for ACC: the power of 2 that numbers are multiplied by before they are added
 *   POWERS       where squares of W may be beyond ACC's largest or smallest number: then a chunk's own power of 2 is taken out
 *   MEAN         the type of means in pictures
 *   LANES        vector width on a CPU; 1 on a GPU
 *   GROUP        work-items in a work-group: 1 on a CPU
 *   STRIP        columns whose sums a work-item makes side by side; a multiple of LANES
 *   CHUNK        vectors that are added up before they are joined to what is known
 */
#include "vector.clh"
#include "tally.clh"

#define BUFFERS                                                                                                    \
    __global const T *b0, __global const T *b1, __global const T *b2, __global const T *b3, __global const T *b4, \
        __global const T *b5, __global const T *b6, __global const T *b7
#define CHOSEN(k) ((k) < 4 ? (k) < 2 ? (k) ? b1 : b0 : (k) == 2 ? b2 : b3 : (k) < 6 ? (k) == 4 ? b4 : b5 : (k) == 6 ? b6 : b7)

#define STEP (GROUP * LANES)
#if LANES > 1
#define WS VECTOR(W)
#define MS VECTOR(M)
#define ACCS VECTOR(ACC)
#define LOAD(p) GLUE(convert_, WS)(*(__global const GLUE(VECTOR(T), _u) *)(p))
#define TO_ACC(v) GLUE(convert_, ACCS)(v)
#define TO_ACC_M(m) GLUE(convert_, VECTOR(ACC_M))(m)
#define TO_INT(v) GLUE(convert_, VECTOR(int))(v)
#define HOLDS(c) (c)
#else
#define WS W
#define MS M
#define ACCS ACC
#define LOAD(p) ((W)(*(p)))
#define TO_ACC(v) ((ACC)(v))
#define TO_ACC_M(m) (m)
#define TO_INT(v) ((int)(v))
#define HOLDS(c) ((M)(-(int)(c)))
#endif
#ifdef SCALE
#define SCALED(v) (TO_ACC(v) * (ACCS)(SCALE))
#elif defined(POWERS)
#define SCALED(v) (TO_ACC(v) * (ACCS)(scale))
#else
#define SCALED(v) TO_ACC(v)
#endif
#ifdef FLOATING
#define FINITE(v) HOLDS(isfinite(v))
#define ODD(v) HOLDS(isnan(v))
#define BELOW(v) HOLDS((v) == (WS)(LEAST))
#else
#define FINITE(v) ((MS)(-1))
#define ODD(v) ((MS)(0))
#define BELOW(v) ((MS)(0))
#endif

/* Counts a vector of numbers, of which those with `ok` -1 are meant. */
#define TAKE(v, ok)                                                          \
    {                                                                        \
        const MS good = FINITE(v) & (ok);                                    \
        const ACCS d = TO_ACC_M(good) ? SCALED(v) - (ACCS)(shift) : (ACCS)(0); \
        finite -= good;                                                      \
        zeros -= HOLDS((v) == (WS)(0)) & (ok);                               \
        negative -= HOLDS((v) < (WS)(0)) & good;                             \
        nan -= ODD(v) & (ok);                                                \
        below -= BELOW(v) & (ok);                                            \
        least = (good & HOLDS((v) < least)) ? (v) : least;                   \
        most = (good & HOLDS((v) > most)) ? (v) : most;                      \
        sum += d;                                                            \
        square += d * d;                                                     \
    }

/* Joins the numbers at p, p + STEP, ... (vectors of LANES), CHUNK of them at most, of which `rest` elements are left.
 * Distances are from the mean of what came before. Where the chunk's own mean turns out to lie so far from it that the difference of
 * squares would cancel, they are taken once more from that; the chunk is in the first cache, or in registers, by then.
 */
inline void take_chunk(tally *all, __global const T *p, const long rest)
{
    const int whole = rest < LANES ? 0 : (int)min((rest - LANES) / STEP + 1, (long)CHUNK);
#if LANES > 1
    T edge[LANES];
    M inside[LANES];
    const int left = whole < CHUNK ? (int)max(rest - (long)whole * STEP, 0L) : 0;
    for (int k = 0; k < LANES; ++k) {
        edge[k] = k < left ? p[(long)whole * STEP + k] : (T)0;
        inside[k] = k < left ? -1 : 0;
    }
#endif
    ACC shift = all->mean;
#ifdef POWERS
    bool known = false;
    int power = 0;
    ACC scale = 1;
    shift = ldexp(shift, (int)all->power);
#endif
    for (int again = 0;; ++again) {
        tally found = nothing();
        MS finite = (MS)(0), zeros = finite, negative = finite, nan = finite, below = finite;
        WS least = (WS)(MOST), most = (WS)(LEAST);
        ACCS sum = (ACCS)(0), square = sum;
        for (int k = 0; k < whole; ++k) {
            const WS v = LOAD(p + (long)k * STEP);
            TAKE(v, (MS)(-1))
        }
#if LANES > 1
        if (left > 0) {
            WS v;
            MS ok;
            for (int k = 0; k < LANES; ++k) {
                ((W *)&v)[k] = (W)edge[k];
                ((M *)&ok)[k] = inside[k];
            }
            TAKE(v, ok)
        }
#endif
        ACC total = 0, squares = 0;
        for (int k = 0; k < LANES; ++k) {
            found.finite += ((M *)&finite)[k];
            found.zeros += ((M *)&zeros)[k];
            found.negative += ((M *)&negative)[k];
            found.nan += ((M *)&nan)[k];
            found.below += ((M *)&below)[k];
            found.least = min(found.least, ((W *)&least)[k]);
            found.most = max(found.most, ((W *)&most)[k]);
            total += ((ACC *)&sum)[k];
            squares += ((ACC *)&square)[k];
        }
#ifdef POWERS
        if (!known && found.finite) {
            known = true;
            power = power_of(max(fabs((ACC)found.least), fabs((ACC)found.most)));
            if (power) { // the chunk is added up anew, from its middle
                scale = ldexp((ACC)1, -power);
                shift = (ACC)found.least * scale / 2 + (ACC)found.most * scale / 2;
                again = -1;
                continue;
            }
        }
        found.power = power;
#endif
        const ACC moved = found.finite ? total / (ACC)found.finite : (ACC)0;
        found.mean = shift + moved;
        found.squares = squares - total * moved;
        if (again || found.finite == 0 || total * moved <= 64 * found.squares) {
            found.squares = isnan(found.squares) ? (ACC)INFINITY : max(found.squares, (ACC)0);
            join(all, found);
            return;
        }
#ifdef POWERS
        shift = isfinite(found.mean) ? found.mean : (ACC)found.least * scale / 2 + (ACC)found.most * scale / 2;
#else
        shift = isfinite(found.mean) ? found.mean : (ACC)found.least / 2 + (ACC)found.most / 2;
#endif
    }
}

/* records[part] = what the part `first` + group id has. Items of a group take neighbouring elements. */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void statistics(__global long *restrict records, __global const long *restrict parts, BUFFERS, const long first)
{
    GROUP_JOINED
    const long part = first + get_group_id(0);
    __global const long *mine = parts + 4 * part;
    const int which = (int)mine[0];
    __global const T *x = CHOSEN(which);
    const long end = mine[2];
    tally all = nothing();
    for (long at = mine[1] + get_local_id(0) * LANES; at < end; at += (long)CHUNK * STEP)
        take_chunk(&all, x + at, end - at);
    WRITE_JOINED(records + SLOTS * part, all)
}

/* results[row] = the parts of `records` from firsts[row] to firsts[row + 1], where row = `first` + group id. */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void join_statistics(__global long *restrict results, __global const long *restrict records,
                              __global const long *restrict firsts, const long first)
{
    GROUP_JOINED
    const long row = first + get_group_id(0);
    tally all = nothing();
    for (long part = firsts[row] + get_local_id(0); part < firsts[row + 1]; part += GROUP)
        join(&all, read_record(records + SLOTS * part));
    WRITE_JOINED(results + SLOTS * row, all)
}

/* counts[part, bin] of the part `first` + group id: numbers in `bins` equal bins from lo to hi, both included.
 * These are what `ranges` has for the part's result where `given` is set, else least and greatest of results[row]; where they are
 * equal, something below and above. `local_counts` holds bins + 1 numbers: the last is for what is outside.
 */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void histogram(__global uint *restrict counts, __global const long *restrict parts, BUFFERS, const long first,
                        __global const long *restrict results, __global const ACC *restrict ranges, const int given,
                        const int bins, __local uint *local_counts)
{
    const long part = first + get_group_id(0);
    __global const long *mine = parts + 4 * part;
    const int which = (int)mine[0];
    __global const T *x = CHOSEN(which);
    const long end = mine[2], row = mine[3];
    ACC lo = given ? ranges[2 * row] : (ACC)(*(__global const W *)(results + SLOTS * row + 6));
    ACC hi = given ? ranges[2 * row + 1] : (ACC)(*(__global const W *)(results + SLOTS * row + 7));
    if (lo == hi) {
        const ACC apart = max((ACC)0.5, fabs(lo) * (ACC)0x1p-20f);
        lo -= apart;
        hi += apart;
    }
    // Where hi - lo is beyond the largest number, halves are compared; where it is beyond the smallest, all lie in one bin. What
    // comes of infinities and NaN is some integer, which is kept within the bins.
    const ACC half_of = isfinite(hi - lo) ? (ACC)1 : (ACC)0.5, begin = lo * half_of;
    const ACC wished = (ACC)bins / (hi * half_of - begin), scale = isfinite(wished) ? wished : (ACC)0;
#define BIN(v) ((v) * half_of - begin) * scale
    for (int k = get_local_id(0); k <= bins; k += GROUP)
        local_counts[k] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    long at = mine[1] + get_local_id(0) * LANES;
#if LANES > 1
    for (; at + LANES <= end; at += STEP) {
        const ACCS v = TO_ACC(LOAD(x + at));
        const VECTOR(int) inside = TO_INT((v >= (ACCS)(lo)) & (v <= (ACCS)(hi)));
        const VECTOR(int) bin = clamp(TO_INT(BIN(v)), (VECTOR(int))(0), (VECTOR(int))(bins - 1));
        const VECTOR(int) place = inside ? bin : (VECTOR(int))(bins);
        for (int k = 0; k < LANES; ++k)
            ++local_counts[((const int *)&place)[k]];
    }
    for (; at < end; ++at) {
        const ACC v = (ACC)(W)x[at];
        ++local_counts[v >= lo && v <= hi ? clamp((int)(BIN(v)), 0, bins - 1) : bins];
    }
#else
    for (; at < end; at += STEP) {
        const ACC v = (ACC)(W)x[at];
        if (v >= lo && v <= hi)
            atomic_inc(local_counts + clamp((int)(BIN(v)), 0, bins - 1));
    }
#endif
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = get_local_id(0); k < bins; k += GROUP)
        counts[part * bins + k] = local_counts[k];
}

/* out[row, bin] = the sum of counts[part, bin] over the row's parts; global id 0 is the bin, global id 1 the row. */
__kernel void join_histogram(__global uint *restrict out, __global const uint *restrict counts,
                             __global const long *restrict firsts, const int bins)
{
    const long bin = get_global_id(0), row = get_global_id(1);
    uint total = 0;
    for (long part = firsts[row]; part < firsts[row + 1]; ++part)
        total += counts[part * bins + bin];
    out[row * bins + bin] = total;
}

#ifdef POWERS
/* The mean of n numbers in each of some rows, whose `total` is beyond the largest number though they need not be. */
inline ACC tame_mean(const ACC total, __global const T *p, const long rows, const long n, const long down, const long across)
{
    const ACC count = (ACC)(rows * n);
    if (isfinite(total))
        return total / count;
    ACC mean = 0;
    for (long r = 0; r < rows; ++r)
        for (long c = 0; c < n; ++c)
            mean += (ACC)p[r * down + c * across] / count;
    return mean;
}
#else
#define tame_mean(total, p, rows, n, down, across) ((total) / (ACC)((rows) * (n)))
#endif

/* out[i * out_down + j * out_across] = the mean of x[offset + r * down + c * across] over the block of rows r from i * block_rows and
 * columns c from j * block_columns on, as far as there are. Global id 0 takes `each` of the cells, row by row.
 */
__kernel void block_means(__global MEAN *restrict out, __global const T *restrict x, const long offset, const long rows,
                          const long columns, const long down, const long across, const long block_rows,
                          const long block_columns, const long out_down, const long out_across, const long each)
{
    const long wide = (columns + block_columns - 1) / block_columns, high = (rows + block_rows - 1) / block_rows;
    const long last = min((long)(get_global_id(0) + 1) * each, wide * high);
    for (long cell = get_global_id(0) * each; cell < last; ++cell) {
        const long i = cell / wide, j = cell % wide;
        const long row_end = min((i + 1) * block_rows, rows), first = j * block_columns;
        const long n = min(block_columns, columns - first);
        ACC total = 0;
        for (long r = i * block_rows; r < row_end; ++r) {
            __global const T *p = x + offset + r * down + first * across;
            long c = 0;
#if LANES > 1
            if (across == 1 && n >= LANES) {
                ACCS sum = (ACCS)(0);
                for (; c + LANES <= n; c += LANES)
                    sum += TO_ACC(LOAD(p + c));
                for (int k = 0; k < LANES; ++k)
                    total += ((const ACC *)&sum)[k];
            }
#endif
            ACC rest = 0;
            for (; c < n; ++c)
                rest += (ACC)(W)p[c * across];
            total += rest;
        }
        out[i * out_down + j * out_across] = (MEAN)tame_mean(total, x + offset + i * block_rows * down + first * across,
                                                             row_end - i * block_rows, n, down, across);
    }
}

#if LANES > 1
/* As block_means, for narrow blocks of numbers that are neighbours along rows: sums of columns are made first, side by side.
 * Global id 0 takes `each` of the tiles, which are a row of blocks high and `strip` columns wide: whole blocks, up to STRIP.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void narrow_block_means(__global MEAN *restrict out, __global const T *restrict x, const long offset, const long rows,
                                 const long columns, const long down, const long block_rows, const long block_columns,
                                 const long out_down, const long out_across, const long strip, const long each)
{
    const long strips = (columns + strip - 1) / strip, high = (rows + block_rows - 1) / block_rows;
    const long last = min((long)(get_global_id(0) + 1) * each, strips * high);
    ACCS sums[STRIP / LANES];
    ACC *single = (ACC *)sums;
    for (long tile = get_global_id(0) * each; tile < last; ++tile) {
        const long i = tile / strips, first = tile % strips * strip;
        const long row_end = min((i + 1) * block_rows, rows);
        const int n = (int)min(strip, columns - first);
        for (int c = 0; c < n; c += LANES)
            sums[c / LANES] = (ACCS)(0);
        for (long r = i * block_rows; r < row_end; ++r) {
            __global const T *p = x + offset + r * down + first;
            int c = 0;
            for (; c + LANES <= n; c += LANES)
                sums[c / LANES] += TO_ACC(LOAD(p + c));
            for (; c < n; ++c)
                single[c] += (ACC)(W)p[c];
        }
        __global MEAN *q = out + i * out_down + first / block_columns * out_across;
        for (int c = 0; c < n; c += (int)block_columns, q += out_across) {
            const int end = min(c + (int)block_columns, n);
            ACC total = 0;
            for (int k = c; k < end; ++k)
                total += single[k];
            *q = (MEAN)tame_mean(total, x + offset + i * block_rows * down + first + c, row_end - i * block_rows,
                                 (long)(end - c), down, 1L);
        }
    }
}
#endif

/* out[i0, i1, i2, i3] = x[offset + i0 * s0 + i1 * s1 + i2 * s2 + i3 * s3], of n1, n2 and n3 numbers along the last dimensions;
 * global id 0 is the position in `out`.
 */
__kernel void picked(__global T *restrict out, __global const T *restrict x, const long offset, const long n1, const long n2,
                     const long n3, const long s0, const long s1, const long s2, const long s3)
{
    const long at = get_global_id(0);
    out[at] = x[offset + at / (n1 * n2 * n3) * s0 + at / (n2 * n3) % n1 * s1 + at / n3 % n2 * s2 + at % n3 * s3];
}
