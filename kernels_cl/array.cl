/* Moving elements between arrays of any strides: what transpose, slice, concat, pad, tile and reverse come down to.
 *
 *   target[target_offset + sum_k i_k t_k + j * target_step] = source[source_offset + sum_k i_k s_k + j * source_step]
 *
 * for all i_k < n_k (the outer dimensions, a row each) and j < inner. Strides and offsets are in elements; those of the source
 * may be zero (tile) or negative (reverse). ops/moves.py brings a move into this form: neighbouring dimensions joined,
 * ordered by the target's strides, elements widened to up to 16 bytes.
 *
 * Build constants:
 *   T      an unsigned type as wide as an element (or several); the element's own type with ADD
 *   RANK   number of outer dimensions, 0 to 6
 *   INDEX  int or long, the type of index arithmetic
 *   LANES  CPU: vector width along rows that are contiguous in both arrays, at most a row's length
 *   ADD    adds to the target instead of setting it
 *   FILL   the source's step is 0: a row is one element repeated
 *   STREAM CPU: the target is larger than the caches, and all its rows begin at a multiple of a vector
 *   TILE   transpose: elements in a tile's side; on CPUs along the target's rows
 *   DOWN   transpose on CPUs: elements in the side along the source's rows of a tile that goes through local memory
 *   GROUP  transpose on GPUs: work-items in a group's second dimension
 */
#ifndef LANES
#define LANES 1
#endif
#include "vector.clh"
#include "stream.clh"
#include "near.clh"

#if LANES > 1
typedef VECTOR(T) vec;
typedef GLUE(VECTOR(T), _u) vec_u;
#ifdef TILE
#define V4 GLUE(T, 4)
typedef V4 v4_u __attribute__((aligned(sizeof(T))));
/* Turns the block of 4 x 4 at `p`, with rows `step` apart, and sets it as vectors of type `to` at `q`, with rows `pitch` apart. */
#define TURN_BLOCK(p, step, q, pitch, to)                                     \
    {                                                                         \
        const V4 a = *(__global const v4_u *)(p);                             \
        const V4 b = *(__global const v4_u *)((p) + (step));                  \
        const V4 e = *(__global const v4_u *)((p) + 2 * (step));              \
        const V4 f = *(__global const v4_u *)((p) + 3 * (step));              \
        *(to *)(q) = (V4)(a.x, b.x, e.x, f.x);                                \
        *(to *)((q) + (pitch)) = (V4)(a.y, b.y, e.y, f.y);                    \
        *(to *)((q) + 2 * (pitch)) = (V4)(a.z, b.z, e.z, f.z);                \
        *(to *)((q) + 3 * (pitch)) = (V4)(a.w, b.w, e.w, f.w);                \
    }
#endif
#endif

#define DIMS                                                                                                      \
    const long n0, const long n1, const long n2, const long n3, const long n4, const long n5, const long t0,      \
        const long t1, const long t2, const long t3, const long t4, const long t5, const long s0, const long s1,  \
        const long s2, const long s3, const long s4, const long s5

#define LISTS                                                                                 \
    const INDEX n[6] = {(INDEX)n0, (INDEX)n1, (INDEX)n2, (INDEX)n3, (INDEX)n4, (INDEX)n5};    \
    const INDEX t[6] = {(INDEX)t0, (INDEX)t1, (INDEX)t2, (INDEX)t3, (INDEX)t4, (INDEX)t5};    \
    const INDEX s[6] = {(INDEX)s0, (INDEX)s1, (INDEX)s2, (INDEX)s3, (INDEX)s4, (INDEX)s5};

/* Adds the outer dimensions' offsets of row number `row` to `to` and `from`; `at` receives the row's indices. */
#define LOCATE(row, at)                       \
    {                                         \
        INDEX rest = (row);                   \
        _Pragma("unroll")                     \
        for (int d = RANK - 1; d >= 0; --d) { \
            at[d] = rest % n[d];              \
            rest /= n[d];                     \
            to += at[d] * t[d];               \
            from += at[d] * s[d];             \
        }                                     \
    }

/* Goes to the next row: adding with carry is cheaper than a division for each dimension. */
#define ADVANCE(at)                           \
    {                                         \
        _Pragma("unroll")                     \
        for (int d = RANK - 1; d >= 0; --d) { \
            to += t[d];                       \
            from += s[d];                     \
            if (++at[d] < n[d]) break;        \
            to -= n[d] * t[d];                \
            from -= n[d] * s[d];              \
            at[d] = 0;                        \
        }                                     \
    }

#ifdef ADD
#define SET(place, value) (*(place) += (value))
#else
#define SET(place, value) (*(place) = (value))
#endif

/* The move for CPUs. target, source: whole arrays; rows: product of the n_k.
 * Global id 0 takes `chunk` columns, global id 1 takes `rows_each` rows: few work-items with a long loop each, since starting
 * one costs as much as moving thousands of bytes.
 */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void move_rows(__global T *restrict target, __global const T *restrict source, const long target_offset,
                        const long source_offset, const long inner, const long target_step, const long source_step,
                        const long rows, const long chunk, const long rows_each, DIMS)
{
    LISTS
    INDEX at[6];
    const INDEX begin = (INDEX)(get_global_id(0) * chunk);
    const INDEX end = (INDEX)min((long)begin + chunk, inner);
    INDEX row = (INDEX)(get_global_id(1) * rows_each);
    const INDEX last = (INDEX)min((long)row + rows_each, rows);
    INDEX to = (INDEX)target_offset, from = (INDEX)source_offset;
    LOCATE(row, at)
    for (; row < last; ++row) {
        __global T *there = target + to;
        __global const T *here = source + from;
        INDEX j = begin;
#if LANES > 1
#ifdef FILL
        const vec repeated = (vec)(here[0]);
#define VALUE(j) repeated
#else
#define VALUE(j) (*(__global const vec_u *)(here + (j)))
#endif
#ifdef STREAM
        for (; j + LANES <= end; j += LANES) STREAM_STORE((__global vec *)(there + j), VALUE(j));
#else
        for (; j + LANES <= end; j += LANES) SET((__global vec_u *)(there + j), VALUE(j));
#endif
#ifndef ADD
        if (j < end && end - begin >= LANES) {
            j = end - LANES;
            *(__global vec_u *)(there + j) = VALUE(j);
            j = end;
        }
#endif
        for (; j < end; ++j) SET(there + j, here[j * (INDEX)source_step]);
#else
        _Pragma("clang loop vectorize(disable)")
        for (; j < end; ++j) SET(there + j * (INDEX)target_step, here[j * (INDEX)source_step]);
#endif
        ADVANCE(at)
    }
    STREAM_END
}

/* The move for GPUs: global id 0 is one element, in the target's order, so that neighbours write neighbouring elements. */
__kernel void move_elements(__global T *restrict target, __global const T *restrict source, const long target_offset,
                            const long source_offset, const long inner, const long target_step, const long source_step,
                            const long count, DIMS)
{
    LISTS
    INDEX at[6];
    const INDEX id = (INDEX)get_global_id(0);
    if (id >= count) return;
    const INDEX row = id / (INDEX)inner, j = id % (INDEX)inner;
    INDEX to = (INDEX)target_offset + j * (INDEX)target_step, from = (INDEX)source_offset + j * (INDEX)source_step;
    LOCATE(row, at)
    SET(target + to, source[from]);
}

#ifdef TILE
/* target[.., r * target_step + c] = source[.., r + c * source_step] for r < height, c < width: the source is contiguous along r,
 * the target along c.
 */

#ifdef DOWN
/* CPU, for what does not lie in the caches and for rows a power of two apart: a work-item takes `tiles_each` tiles of
 * DOWN x TILE. A tile is turned into local memory, in blocks of 4 x 4 in registers, and its rows are written from there: so each
 * line of the source and of the target is used up at once, also where rows share a few sets of the caches. Tiles follow each
 * other along the source's rows. While one is written, the next is asked for, so that the memory reads and writes at the same
 * time.
 */
#define FILL_ELEMENT(r, c) tile[(r) * TILE + (c)] = here[(r) + (c) * (INDEX)source_step]
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void transpose_tiles(__global T *restrict target, __global const T *restrict source, const long target_offset,
                              const long source_offset, const long height, const long width, const long target_step,
                              const long source_step, const long tiles, const long tiles_each, DIMS)
{
    LISTS
    INDEX at[6];
    __local T tile[DOWN * TILE] __attribute__((aligned(64)));
    const INDEX across = (INDEX)((width + TILE - 1) / TILE), down = (INDEX)((height + DOWN - 1) / DOWN);
    const int line = 64 / sizeof(T);
    INDEX number = (INDEX)(get_global_id(0) * tiles_each);
    const INDEX last = (INDEX)min((long)number + tiles_each, tiles);
    for (; number < last; ++number) {
        const INDEX row = number / (across * down), place = number % (across * down);
        const INDEX top = (place % down) * DOWN, left = (place / down) * TILE;
        const int rows = (int)min((INDEX)DOWN, (INDEX)height - top), columns = (int)min((INDEX)TILE, (INDEX)width - left);
        INDEX to = (INDEX)target_offset, from = (INDEX)source_offset;
        LOCATE(row, at)
        __global const T *here = source + from + top + left * (INDEX)source_step;
        int c = 0;
#if LANES > 1
        for (; c + 4 <= columns; c += 4) {
            __global const T *p = here + c * (INDEX)source_step;
            int r = 0;
            for (; r + 4 <= rows; r += 4, p += 4)
                TURN_BLOCK(p, (INDEX)source_step, tile + r * TILE + c, TILE, __local V4)
            for (; r < rows; ++r)
                for (int k = c; k < c + 4; ++k) FILL_ELEMENT(r, k);
        }
#endif
        for (; c < columns; ++c)
            for (int r = 0; r < rows; ++r) FILL_ELEMENT(r, c);

        const INDEX next = min(place + 1, across * down - 1);
        __global const T *ahead = source + from + (next % down) * DOWN + (next / down) * TILE * (INDEX)source_step;
        const int ahead_rows = (int)min((INDEX)DOWN, (INDEX)height - (next % down) * DOWN);
        const int ahead_columns = (int)min((INDEX)TILE, (INDEX)width - (next / down) * TILE);
        int asked_row = 0, asked_column = 0;
        for (int r = 0; r < rows; ++r) {
            for (int k = 0; k < TILE; k += line) {
                NEAR(ahead + asked_row + min(asked_column, ahead_columns - 1) * (INDEX)source_step);
                asked_row += line;
                if (asked_row >= ahead_rows) {
                    asked_row = 0;
                    ++asked_column;
                }
            }
            __global T *there = target + to + (top + r) * (INDEX)target_step + left;
            __local const T *row_of = tile + r * TILE;
            int k = 0;
#if LANES > 1
#ifdef STREAM
            for (; k + LANES <= columns; k += LANES)
                STREAM_STORE((__global vec *)(there + k), *(__local const vec *)(row_of + k));
#else
            for (; k + LANES <= columns; k += LANES)
                *(__global vec_u *)(there + k) = *(__local const vec *)(row_of + k);
#endif
#endif
            for (; k < columns; ++k) there[k] = row_of[k];
        }
    }
    STREAM_END
}
#elif !defined(GROUP)

/* CPU: a work-item takes `tiles_each` tiles, which keep both sides' cache lines until they are used up. */
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void transpose_tiles(__global T *restrict target, __global const T *restrict source, const long target_offset,
                              const long source_offset, const long height, const long width, const long target_step,
                              const long source_step, const long tiles, const long tiles_each, DIMS)
{
    LISTS
    INDEX at[6];
    const INDEX across = (INDEX)((width + TILE - 1) / TILE), down = (INDEX)((height + TILE - 1) / TILE);
    INDEX tile = (INDEX)(get_global_id(0) * tiles_each);
    const INDEX last = (INDEX)min((long)tile + tiles_each, tiles);
    for (; tile < last; ++tile) {
        const INDEX row = tile / (across * down), place = tile % (across * down);
        const INDEX top = (place / across) * TILE, left = (place % across) * TILE;
        const INDEX bottom = min(top + (INDEX)TILE, (INDEX)height), right = min(left + (INDEX)TILE, (INDEX)width);
        INDEX to = (INDEX)target_offset, from = (INDEX)source_offset;
        LOCATE(row, at)
        INDEX r = top;
#if LANES > 1
        for (; r + 4 <= bottom; r += 4) {
            INDEX c = left;
            for (; c + 4 <= right; c += 4) {
                __global const T *here = source + from + r + c * (INDEX)source_step;
                __global T *there = target + to + r * (INDEX)target_step + c;
                TURN_BLOCK(here, (INDEX)source_step, there, (INDEX)target_step, __global v4_u)
            }
            for (; c < right; ++c)
                for (INDEX k = r; k < r + 4; ++k)
                    target[to + k * (INDEX)target_step + c] = source[from + k + c * (INDEX)source_step];
        }
#endif
        for (; r < bottom; ++r)
            for (INDEX c = left; c < right; ++c)
                target[to + r * (INDEX)target_step + c] = source[from + r + c * (INDEX)source_step];
    }
}
#else

/* GPU: a work-group of TILE x GROUP moves a tile through local memory, so that reads and writes are both contiguous. The group's
 * number in dimension 0 is the tile; the column too many in `tile` keeps a column's elements in different banks.
 */
__attribute__((reqd_work_group_size(TILE, GROUP, 1)))
__kernel void transpose_tiles(__global T *restrict target, __global const T *restrict source, const long target_offset,
                              const long source_offset, const long height, const long width, const long target_step,
                              const long source_step, const long tiles, const long tiles_each, DIMS)
{
    LISTS
    INDEX at[6];
    __local T tile[TILE][TILE + 1];
    const INDEX across = (INDEX)((width + TILE - 1) / TILE), down = (INDEX)((height + TILE - 1) / TILE);
    const INDEX number = (INDEX)get_group_id(0);
    const INDEX row = number / (across * down), place = number % (across * down);
    const INDEX top = (place / across) * TILE, left = (place % across) * TILE;
    const int x = (int)get_local_id(0), y = (int)get_local_id(1);
    INDEX to = (INDEX)target_offset, from = (INDEX)source_offset;
    LOCATE(row, at)
    for (int k = y; k < TILE; k += GROUP)
        if (top + x < height && left + k < width) tile[k][x] = source[from + top + x + (left + k) * (INDEX)source_step];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = y; k < TILE; k += GROUP)
        if (top + k < height && left + x < width) target[to + (top + k) * (INDEX)target_step + left + x] = tile[x][k];
}
#endif
#endif
