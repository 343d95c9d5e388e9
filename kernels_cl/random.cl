/* Random numbers of several distributions.
 *
 * Build constants:
 *   LANES     counters that a step takes: 1 on a GPU, else a power of two up to 16
 *   T, ACC    the output's element type, and the floating type that is computed with (float where T is half)
 *   EACH      elements made of one counter's four words: 4 of 32 bits, 2 of 64 bits, 1 of 128 bits
 *   and one of UNIFORM, NORMAL, TRUNCATED (floating T), INTEGER (int or long; BOUNDED where the bounds are scalars), CHOICE
 *   (of classes) and CROP
 *
 * Which word an element is made of does not depend on LANES, so that every device makes the same bits: blocks of 16
 * counters fill 16 EACH elements, and a counter's elements lie 16 apart, so that vectors are stored as they come. The
 * counter is (number of the counter in the tensor as 64 bits, number of the run as 64 bits).
 */
#include "vector.clh"
#include "philox.clh"
#include "check.clh"

#define BLOCK 16
#if LANES == 1
#undef VECTOR
#define VECTOR(type) type
#define LANE 0u
typedef T stored;
#else
typedef GLUE(VECTOR(T), _u) stored;
#endif
#if LANES == 2
#define LANE (words)(0, 1)
#elif LANES == 4
#define LANE (words)(0, 1, 2, 3)
#elif LANES == 8
#define LANE (words)(0, 1, 2, 3, 4, 5, 6, 7)
#elif LANES == 16
#define LANE (words)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#endif
typedef VECTOR(T) vec;
typedef VECTOR(uint) words;
typedef VECTOR(ulong) longs;
#define AS_INT GLUE(as_, VECTOR(int))
#define TO_LONG GLUE(convert_, VECTOR(ulong))
#if LANES == 1
#define TO_T(x) ((T)(x))
#else
#define TO_T(x) GLUE(convert_, VECTOR(T))(x)
#endif

#ifdef ACC
typedef VECTOR(ACC) acc;
#define TO_ACC GLUE(convert_, VECTOR(ACC))
/* The 53 upper bits of two words as a whole number. */
#define BITS53(a, b) (TO_ACC(AS_INT((a) >> 5)) * (acc)(67108864) + TO_ACC(AS_INT((b) >> 6)))
#endif

#ifdef UNIFORM
#define PARAMETERS const ACC low, const ACC span, const ACC last,
/* Multiples of 2^-24 (float), 2^-53 (double) or 2^-11 (half) in [0, 1), then low + u span, kept below the upper bound. */
inline void distribution(words *w, vec *y, const ACC low, const ACC span, const ACC last)
{
#if EACH == 4
#pragma unroll
    for (int e = 0; e < 4; ++e) {
        const acc u = TO_ACC(AS_INT(w[e] >> (32 - BITS))) * (acc)(UNIT);
        y[e] = TO_T(min((acc)(low) + u * (acc)(span), (acc)(last)));
    }
#else
    for (int e = 0; e < 2; ++e) {
        const acc u = BITS53(w[2 * e], w[2 * e + 1]) * (acc)(0x1p-53);
        y[e] = TO_T(min((acc)(low) + u * (acc)(span), (acc)(last)));
    }
#endif
}
#endif

#ifdef NORMAL
#define PARAMETERS const ACC low, const ACC span,
/* Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958: r cos(a) and r sin(a) with
 * r = sqrt(-2 log u). u keeps all bits of its words near 0, so that the tails reach 6.7 (float) and 8.6 (double). */
inline void distribution(words *w, vec *y, const ACC low, const ACC span)
{
#if EACH == 4
    for (int e = 0; e < 4; e += 2) {
        const acc u = (TO_ACC(w[e]) + (acc)(0.5f)) * (acc)(0x1p-32f);
        const acc turn = TO_ACC(AS_INT(w[e + 1])) * (acc)(0x1p-31f);
        const acc r = sqrt((acc)(-2.0f) * log(u)) * (acc)(span);
        y[e] = TO_T((acc)(low) + r * cospi(turn));
        y[e + 1] = TO_T((acc)(low) + r * sinpi(turn));
    }
#else
    const acc u = (BITS53(w[0], w[1]) + (acc)(0.5)) * (acc)(0x1p-53);
    const acc turn = BITS53(w[2], w[3]) * (acc)(0x1p-52);
    const acc r = sqrt((acc)(-2.0) * log(u)) * (acc)(span);
    y[0] = TO_T((acc)(low) + r * cospi(turn));
    y[1] = TO_T((acc)(low) + r * sinpi(turn));
#endif
}
#endif

#ifdef TRUNCATED
#define PARAMETERS const ACC low, const ACC span,
/* The normal distribution given that |x| < 2, by inversion: x = sqrt(2) erfinv(a erf(sqrt(2))) with a uniform in (-1, 1).
 * x / a is a rational function of v = 1 - a^2, a minimax fit by iterated weighted least squares with relative error 7e-8
 * (float) or 3e-11 (double). All coefficients are positive, so nothing cancels, and at v = 0 it is just below 2. */
#if EACH == 4
#define NUMERATOR(v) ((((4.38428865f * v + 54.2403755f) * v + 74.489669f) * v + 24.2562192f) * v + 1.99999986f)
#define DENOMINATOR(v) ((((10.705537f * v + 55.2522958f) * v + 52.4251184f) * v + 13.8379283f) * v + 1.0f)
#else
#define NUMERATOR(v) ((((((6.790249038475259 * v + 183.68165872533493) * v + 648.0009187150118) * v + \
    666.0723314396438) * v + 255.94636145321348) * v + 39.07456533495706) * v + 1.9999999999360802)
#define DENOMINATOR(v) ((((((22.08329650761319 * v + 245.18746318991472) * v + 585.3847109565663) * v + \
    475.2426296229141) * v + 155.81825820406624) * v + 21.24714243647566) * v + 1.0)
#endif
inline void distribution(words *w, vec *y, const ACC low, const ACC span)
{
#pragma unroll
    for (int e = 0; e < EACH; ++e) {
#if EACH == 4
        const acc a = (TO_ACC(AS_INT(w[e])) + (acc)(0.5f)) * (acc)(0x1p-31f);
#else
        const acc a = (BITS53(w[2 * e], w[2 * e + 1]) + (acc)(0.5)) * (acc)(0x1p-52) - (acc)(1);
#endif
        const acc v = (acc)(1) - a * a;
        y[e] = TO_T((acc)(low) + (acc)(span) * (a * NUMERATOR(v) / DENOMINATOR(v)));
    }
}
#endif

#ifdef INTEGER
/* low + floor(r range / 2^bits), with r of 64 bits for int and 128 bits for long: no value is likelier than another by
 * more than one part in 2^32 (int) or 2^64 (long). */
inline void distribution(words *w, vec *y, const long low, const ulong range)
{
    const longs n = (longs)(range);
#pragma unroll
    for (int e = 0; e < EACH; ++e) {
        const longs upper = TO_LONG(w[2 * e]) << (longs)(32) | TO_LONG(w[2 * e + 1]);
        longs chosen = mul_hi(upper, n);
#if EACH == 1
        const longs lower = TO_LONG(w[2]) << (longs)(32) | TO_LONG(w[3]);
        const longs sum = upper * n + mul_hi(lower, n);
        chosen += sum < upper * n ? (longs)(1) : (longs)(0);
#endif
        y[e] = TO_T(chosen + (longs)((ulong)low));
    }
}
#endif

#ifdef PARAMETERS
#define ARGUMENTS low, span
#ifdef UNIFORM
#undef ARGUMENTS
#define ARGUMENTS low, span, last
#endif
#elif defined BOUNDED
#define PARAMETERS const long low, const ulong range,
#define ARGUMENTS low, range
#else
#define PARAMETERS __global const T *minval, __global const T *maxval, __global int *report, const int operation,
#define ARGUMENTS low, range
#endif

#ifdef EACH
/* out[n] = one random number per element, by the distribution that the build constants name.
 * `run` holds the 64-bit number of the run, (k0, k1) the key. A strip is LANES counters of one block; global id 0 takes
 * `each` strips. On a CPU a work-item takes many, as starting one costs as much as thousands of numbers; on a GPU it takes one
 * counter, so that neighbours store neighbouring elements.
 */
#if LANES > 1
__attribute__((reqd_work_group_size(1, 1, 1)))
#endif
__kernel void random_fill(__global T *out, __global const uint *run, PARAMETERS
                          const uint k0, const uint k1, const long n, const long each)
{
#if defined INTEGER && !defined BOUNDED
    const long low = *minval;
    const ulong range = *maxval > *minval ? (ulong)*maxval - (ulong)low : 0;
    if (range == 0 && get_global_id(0) == 0)
        fail(report, 1, operation, (int)*minval, (int)*maxval);
#endif
    const long per_block = BLOCK / LANES;
    const long strips = (n + BLOCK * EACH - 1) / (BLOCK * EACH) * per_block;
    const uint run0 = run[0], run1 = run[1];
    long strip = get_global_id(0) * each;
    const long end = min(strip + each, strips);
    for (; strip < end; ++strip) {
        const long block = strip / per_block;
        const uint within = (uint)(strip % per_block) * LANES;
        const ulong number = (ulong)block * BLOCK + within;
        words w[4] = {(words)((uint)number) + LANE, (words)((uint)(number >> 32)), (words)(run0), (words)(run1)};
        philox(&w[0], &w[1], &w[2], &w[3], k0, k1);
        vec y[EACH];
        distribution(w, y, ARGUMENTS);
#pragma unroll
        for (int e = 0; e < EACH; ++e) {
            const long at = (block * EACH + e) * BLOCK + within;
            if (at + LANES <= n) {
                *(__global stored *)(out + at) = y[e];
            } else {
                T rest[LANES];
                *(vec *)rest = y[e];
                for (int i = 0; at + i < n; ++i)
                    out[at + i] = rest[i];
            }
        }
    }
}
#endif

#ifdef CHOICE
/* cdf[b, j] = the sum of exp(logits[b, i] - the largest) over i <= j. logits, cdf [batch, n]. Global id 0 is the row b. */
__kernel void choice_sums(__global float *cdf, __global const T *logits, const long n)
{
    const long row = get_global_id(0) * n;
    float largest = -INFINITY;
    for (long j = 0; j < n; ++j)
        largest = fmax(largest, (float)logits[row + j]);
    /* Compensated, so that the last of many small probabilities are not lost. */
    float sum = 0, lost = 0;
    for (long j = 0; j < n; ++j) {
        const float term = exp((float)logits[row + j] - largest) - lost;
        const float next = sum + term;
        lost = (next - sum) - term;
        sum = next;
        cdf[row + j] = sum;
    }
}

/* chosen[b, s] = the first class j with cdf[b, j] > u cdf[b, n - 1], u uniform in (0, 1).
 * chosen [batch, samples]. Global id 0 is the sample s, global id 1 the row b.
 */
__kernel void choice_draw(__global INDEX *chosen, __global const uint *run, __global const float *cdf, const uint k0,
                          const uint k1, const long n)
{
    const long at = get_global_id(1) * get_global_size(0) + get_global_id(0);
    uint w[4] = {(uint)at, (uint)(at >> 32), run[0], run[1]};
    philox(&w[0], &w[1], &w[2], &w[3], k0, k1);
    cdf += get_global_id(1) * n;
    const float total = cdf[n - 1];
    const float goal = ((float)w[0] + 0.5f) * 0x1p-32f * total;
    long low = 0, high = n - 1;
    while (low < high) {
        const long middle = (low + high) / 2;
        /* Where rounding makes the goal the total itself, the last class with a probability is found. */
        if (cdf[middle] > goal || cdf[middle] == total)
            high = middle;
        else
            low = middle + 1;
    }
    chosen[at] = low;
}
#endif

#ifdef CROP
/* offsets[d] = a whole number uniform in [0, rooms[d]), for each dimension d < rank. One work-item. */
__kernel void crop_offsets(__global int *offsets, __global const uint *run, const uint k0, const uint k1, const int rank,
                           const uint r0, const uint r1, const uint r2, const uint r3, const uint r4, const uint r5,
                           const uint r6, const uint r7)
{
    const uint rooms[8] = {r0, r1, r2, r3, r4, r5, r6, r7};
    for (int d = 0; d < rank; ++d) {
        uint w[4] = {d, 0, run[0], run[1]};
        philox(&w[0], &w[1], &w[2], &w[3], k0, k1);
        offsets[d] = (int)mul_hi((ulong)w[0] << 32 | w[1], (ulong)rooms[d]);
    }
}

/* Copies between a piece of sides s0 .. and the part of a whole of sides w0 .. that begins at `offsets`: to the piece, or
 * with PASTE from it. Missing leading dimensions have side 1 and offset 0. Global id 0 is an element of the piece.
 */
__kernel void crop_move(__global T *to, __global const T *from, __global const int *offsets, const int rank, const long s1,
                        const long s2, const long s3, const long s4, const long s5, const long s6, const long s7,
                        const long w1, const long w2, const long w3, const long w4, const long w5, const long w6,
                        const long w7)
{
    const long piece[8] = {0, s1, s2, s3, s4, s5, s6, s7}, whole[8] = {0, w1, w2, w3, w4, w5, w6, w7};
    const long e = get_global_id(0);
    long rest = e, at = 0, stride = 1;
    for (int d = 7; d >= 0; --d) {
        const long place = d > 0 ? rest % piece[d] : rest;
        if (d > 0)
            rest /= piece[d];
        at += (place + (d >= 8 - rank ? offsets[d - (8 - rank)] : 0)) * stride;
        stride *= whole[d];
    }
#ifdef PASTE
    to[at] = from[e];
#else
    to[e] = from[at];
#endif
}
#endif
