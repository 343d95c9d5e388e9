/* Reductions over some dimensions, as passes that each reduce one run of neighbouring dimensions.
 *
 * A pass sees its input as x[outer, length, inner] and gives out[outer, parts, inner]: `length` is cut into `parts` pieces of
 * `part_length`, so that few long reductions keep the whole device busy and sums stay accurate (a piece is short, and so
 * are the chains of additions in it); a further pass reduces the pieces. With inner = 1 the numbers of a piece are
 * neighbours in memory (rows); otherwise they are `inner` apart and neighbouring columns are reduced side by side.
 *
 * Build constants:
 *   SRC, ACC, DST   element types of x, of the sums while they are made, and of out
 *   INIT            the result of reducing nothing
 *   REDUCE_SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL or REDUCE_ANY
 *   FLOATING        where ACC is a floating type: the integer type of its size
 *   MEAN            the last pass of a mean: divide by `count`
 *   LANES           vector width on a CPU; 1 on a GPU
 *   TILE_VECTORS    vectors of columns that are reduced in one go (CPU)
 *   GROUP           work-items in a work-group (GPU)
 */
#include "vector.clh"
#include "finish.clh"

#if defined(SRC)
#include "start.clh"
#if defined(REDUCE_SUM)
#define COMBINE(a, b) ((a) + (b))
#elif defined(REDUCE_PROD)
#define COMBINE(a, b) ((a) * (b))
#elif defined(REDUCE_ALL)
#define COMBINE(a, b) ((a) & (b))
#elif defined(REDUCE_ANY)
#define COMBINE(a, b) ((a) | (b))
#elif defined(REDUCE_MAX) && defined(FLOATING)
/* A NaN on either side wins, so that it is seen. */
#define COMBINE(a, b) ((((b) > (a)) | ((b) != (b))) ? (b) : (a))
#define EXTREME(a, b) ((b) > (a) ? (b) : (a))
#elif defined(REDUCE_MAX)
#define COMBINE(a, b) max(a, b)
#elif defined(REDUCE_MIN) && defined(FLOATING)
#define COMBINE(a, b) ((((b) < (a)) | ((b) != (b))) ? (b) : (a))
#define EXTREME(a, b) ((b) < (a) ? (b) : (a))
#elif defined(REDUCE_MIN)
#define COMBINE(a, b) min(a, b)
#endif

#if defined(MEAN) && defined(FLOATING)
#define RESULT(acc) ((DST)((acc) / (ACC)count))
#elif defined(MEAN)
#define RESULT(acc) ((DST)(count ? (acc) / (ACC)count : (ACC)0))
#else
#define RESULT(acc) ((DST)(acc))
#endif

/* Stores the result in column `at` of the row that begins at `row_start`. */
#ifdef FINISH
#define STORE(row_start, at, value)                    \
    {                                                  \
        const DST result = value;                      \
        FINISH_SPAN(DST, row_start, at, 1, &result)    \
    }
#else
#define STORE(row_start, at, value) out[(row_start) + (at)] = value;
#endif

#if LANES > 1
#define ACCS VECTOR(ACC)
#define LOAD(p, column) GLUE(convert_, ACCS)(START_LOAD(p, column))
#define STEPS 32
#define BLOCK_ROWS 8

/* Of floating extremes a block is reduced without looking for NaN, and one comparison of two vectors finds those of both:
 * half the instructions.
 */
#ifdef EXTREME
#define DOUBT VECTOR(FLOATING) odd = (VECTOR(FLOATING))(0);
#define LOOK(a, b) odd |= isunordered(a, b);
#define SETTLED(sums) (odd ? (ACCS)(NAN) : (sums))
#else
#define EXTREME(a, b) COMBINE(a, b)
#define DOUBT
#define LOOK(a, b)
#define SETTLED(sums) (sums)
#endif

inline ACC across(ACCS v)
{
    ACC *lanes = (ACC *)&v;
    for (int half_of = LANES / 2; half_of > 0; half_of /= 2)
        for (int k = 0; k < half_of; ++k)
            lanes[k] = COMBINE(lanes[k], lanes[k + half_of]);
    return lanes[0];
}

/* out[row, part] = the reduction of x[row, part * part_length ...]; global id 0 takes `each` neighbouring pieces.
 * Four vectors are reduced side by side to hide the additions' latency; after STEPS of them they are joined to the total,
 * which keeps a sum's chains of additions short.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void reduce_rows(__global DST *restrict out, START_INPUT(SRC, x) const long pieces, const long length,
                          const long parts, const long part_length, const long each, const long count
                          FINISH_PARAMETERS)
{
    const long first = get_global_id(0) * each;
    const long last = min(first + each, pieces);
    for (long piece = first; piece < last; ++piece) {
        const long begin = (piece % parts) * part_length;
        const long n = min(part_length, length - begin);
        const start_place p = START_PLACE(x) + (piece / parts) * length + begin;
        ACC total = INIT;
        long j = 0;
        if (n >= LANES) {
            ACCS sums = (ACCS)(INIT);
            while (j + 4 * LANES <= n) {
                ACCS a = (ACCS)(INIT), b = a, c = a, d = a;
                DOUBT
                const long stop = min(j + 4 * LANES * STEPS, n);
                for (; j + 4 * LANES <= stop; j += 4 * LANES) {
                    const ACCS va = LOAD(p + j, begin + j), vb = LOAD(p + j + LANES, begin + j + LANES);
                    const ACCS vc = LOAD(p + j + 2 * LANES, begin + j + 2 * LANES);
                    const ACCS vd = LOAD(p + j + 3 * LANES, begin + j + 3 * LANES);
                    a = EXTREME(a, va);
                    b = EXTREME(b, vb);
                    c = EXTREME(c, vc);
                    d = EXTREME(d, vd);
                    LOOK(va, vb)
                    LOOK(vc, vd)
                }
                a = EXTREME(a, b);
                c = EXTREME(c, d);
                a = SETTLED(EXTREME(a, c));
                sums = COMBINE(sums, a);
            }
            for (; j + LANES <= n; j += LANES) {
                const ACCS v = LOAD(p + j, begin + j);
                sums = COMBINE(sums, v);
            }
            total = across(sums);
        }
        for (; j < n; ++j) {
            const ACC v = (ACC)START_ONE(p + j, begin + j);
            total = COMBINE(total, v);
        }
        STORE(piece, 0, RESULT(total))
    }
}

/* out[outer, part, column] = the reduction of x[outer, part * part_length ..., column].
 * Global id 0 takes the columns [id * chunk, (id + 1) * chunk), global id 1 takes `each` pieces (outer, part).
 * A tile of TILE_VECTORS vectors of columns is kept in totals while BLOCK_ROWS rows at a time pass by, so that reads run
 * along memory and vectors hold neighbouring columns. Rows are often a power of two apart, so that all of them share a set
 * of the first cache, which holds eight lines: more rows at a time would push each other out. So do those that the processor
 * foresees, and the next rows are asked for to be in the second cache.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void reduce_columns(__global DST *restrict out, START_INPUT(SRC, x) const long pieces, const long length,
                             const long inner, const long parts, const long part_length, const long chunk,
                             const long each, const long count FINISH_PARAMETERS)
{
    const long first_column = get_global_id(0) * chunk;
    const long last_column = min(first_column + chunk, inner);
    const long first = get_global_id(1) * each;
    const long last = min(first + each, pieces);
    ACCS totals[TILE_VECTORS];
    ACC *single = (ACC *)totals;
    for (long piece = first; piece < last; ++piece) {
        const long begin = (piece % parts) * part_length;
        const long end = min(begin + part_length, length);
        const start_place rows = START_PLACE(x) + (piece / parts) * length * inner;
        for (long c0 = first_column; c0 < last_column; c0 += TILE_VECTORS * LANES) {
            const int width = (int)min((long)(TILE_VECTORS * LANES), last_column - c0);
            for (int c = 0; c < width; c += LANES)
                totals[c / LANES] = (ACCS)(INIT);
            for (long r0 = begin; r0 < end; r0 += BLOCK_ROWS) {
                const int height = (int)min((long)BLOCK_ROWS, end - r0);
                const start_place p = rows + r0 * inner + c0;
                int c = 0;
                for (; c + LANES <= width; c += LANES) {
                    ACCS sums = (ACCS)(INIT);
                    if (height == BLOCK_ROWS) {
                        DOUBT
#pragma unroll
                        for (int r = 0; r < BLOCK_ROWS; r += 2) {
                            const ACCS v = LOAD(p + r * inner + c, c0 + c);
                            START_NEAR(p + (r + BLOCK_ROWS) * inner + c);
                            sums = EXTREME(sums, v);
                            const ACCS w = LOAD(p + (r + 1) * inner + c, c0 + c);
                            START_NEAR(p + (r + 1 + BLOCK_ROWS) * inner + c);
                            sums = EXTREME(sums, w);
                            LOOK(v, w)
                        }
                        sums = SETTLED(sums);
                    } else {
                        for (int r = 0; r < height; ++r) {
                            const ACCS v = LOAD(p + r * inner + c, c0 + c);
                            sums = COMBINE(sums, v);
                        }
                    }
                    totals[c / LANES] = COMBINE(totals[c / LANES], sums);
                }
                for (; c < width; ++c) {
                    ACC sum = INIT;
                    for (int r = 0; r < height; ++r) {
                        const ACC v = (ACC)START_ONE(p + r * inner + c, c0 + c);
                        sum = COMBINE(sum, v);
                    }
                    single[c] = COMBINE(single[c], sum);
                }
            }
#ifdef FINISH
            DST results[TILE_VECTORS * LANES];
            for (int c = 0; c < width; ++c)
                results[c] = RESULT(single[c]);
            FINISH_SPAN(DST, piece * inner, c0, width, results)
#else
            __global DST *restrict q = out + piece * inner + c0;
            for (int c = 0; c < width; ++c)
                q[c] = RESULT(single[c]);
#endif
        }
    }
}
#else

/* out[row, part] = the reduction of x[row, part * part_length ...]; one work-group of GROUP items for each piece.
 * Each item takes every GROUP-th number, so that reads are coalesced; then halves of the group are joined in local memory.
 */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
__kernel void reduce_rows_group(__global DST *restrict out, START_INPUT(SRC, x) const long length,
                                const long parts, const long part_length, const long count FINISH_PARAMETERS)
{
    __local ACC joined[GROUP];
    const int item = get_local_id(0);
    const long piece = get_group_id(0);
    const long begin = (piece % parts) * part_length;
    const long n = min(part_length, length - begin);
    const start_place p = START_PLACE(x) + (piece / parts) * length + begin;
    ACC total = INIT;
    for (long j = item; j < n; j += GROUP) {
        const ACC v = (ACC)START_ONE(p + j, begin + j);
        total = COMBINE(total, v);
    }
    joined[item] = total;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < half_of)
            joined[item] = COMBINE(joined[item], joined[item + half_of]);
    }
    if (item == 0)
        STORE(piece, 0, RESULT(joined[0]))
}

/* out[outer, part, column] = the reduction of x[outer, part * part_length ..., column]; global id 0 is the column, global id 1
 * the piece (outer, part). Neighbouring items read neighbouring columns; four chains hide the additions' latency.
 */
__kernel void reduce_columns_item(__global DST *restrict out, START_INPUT(SRC, x) const long length,
                                  const long inner, const long parts, const long part_length, const long count
                                  FINISH_PARAMETERS)
{
    const long column = get_global_id(0);
    const long piece = get_global_id(1);
    const long begin = (piece % parts) * part_length;
    const long n = min(part_length, length - begin);
    const start_place p = START_PLACE(x) + ((piece / parts) * length + begin) * inner + column;
    ACC a = INIT, b = INIT, c = INIT, d = INIT;
    long j = 0;
    for (; j + 4 <= n; j += 4) {
        const ACC va = (ACC)START_ONE(p + j * inner, column), vb = (ACC)START_ONE(p + (j + 1) * inner, column);
        const ACC vc = (ACC)START_ONE(p + (j + 2) * inner, column), vd = (ACC)START_ONE(p + (j + 3) * inner, column);
        a = COMBINE(a, va);
        b = COMBINE(b, vb);
        c = COMBINE(c, vc);
        d = COMBINE(d, vd);
    }
    for (; j < n; ++j) {
        const ACC v = (ACC)START_ONE(p + j * inner, column);
        a = COMBINE(a, v);
    }
    a = COMBINE(a, b);
    c = COMBINE(c, d);
    a = COMBINE(a, c);
    STORE(piece * inner, column, RESULT(a))
}
#endif
#endif

#if defined(T) && !defined(R)
/* y[j] = the product of x[k] over all k != j, along `length` elements that lie `inner` apart.
 * Global id 0 takes `each` of the `lines` = outer * inner lines. What comes before j is multiplied up on the way forth, what
 * comes after it on the way back, so that nothing is divided and zeros need no care.
 */
__kernel void products_of_others(__global T *restrict y, __global const T *restrict x, const long length, const long inner,
                                 const long lines, const long each)
{
    const long last = min((long)(get_global_id(0) + 1) * each, lines);
    for (long line = get_global_id(0) * each; line < last; ++line) {
        const long start = (line / inner) * length * inner + line % inner;
        T product = 1;
        for (long j = 0; j < length; ++j) {
            y[start + j * inner] = product;
            product *= x[start + j * inner];
        }
        product = 1;
        for (long j = length - 1; j >= 0; --j) {
            y[start + j * inner] *= product;
            product *= x[start + j * inner];
        }
    }
}

/* dx[j] = sum over k != j of dy[k] * product of x[l] over all l != j, k; ids as above.
 * Each factor is the number x + e dy with e * e = 0, and the result is the factor of e in the product of all but the j-th:
 * (a + e b)(x + e dy) = a x + e (a dy + b x). `before` keeps the products on the way forth, dx their factors of e.
 */
__kernel void products_of_others_grad(__global T *restrict dx, __global T *restrict before, __global const T *restrict x,
                                      __global const T *restrict dy, const long length, const long inner, const long lines,
                                      const long each)
{
    const long last = min((long)(get_global_id(0) + 1) * each, lines);
    for (long line = get_global_id(0) * each; line < last; ++line) {
        const long start = (line / inner) * length * inner + line % inner;
        T a = 1, b = 0;
        for (long j = 0; j < length; ++j) {
            const long at = start + j * inner;
            before[at] = a;
            dx[at] = b;
            b = a * dy[at] + b * x[at];
            a *= x[at];
        }
        a = 1;
        b = 0;
        for (long j = length - 1; j >= 0; --j) {
            const long at = start + j * inner;
            dx[at] = before[at] * b + dx[at] * a;
            b = a * dy[at] + b * x[at];
            a *= x[at];
        }
    }
}
#endif
