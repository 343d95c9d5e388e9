/* Sums of squares, and sums over windows of channels.
 *
 * Build constants: those of lanes.clh; HALF_SQUARES, WINDOW_SUM or LRN, which choose the kernel; GPU for that shape.
 */
#include "lanes.clh"

#ifdef GPU
#define SHAPE
#else
#define SHAPE __attribute__((reqd_work_group_size(1, 1, 1)))
#endif

#ifdef HALF_SQUARES
/* part[p] = sum of x[i]^2 / 2 over the p-th part of x: [size]. part: [parts] of ACC, x of T.
 * Global id 0: the part. On a CPU it is `piece` neighbouring elements, summed in four vectors so that additions need not wait
 * for each other; on a GPU every `parts`-th element, so that neighbours read neighbours.
 */
SHAPE __kernel void half_squares(__global ACC *restrict part, __global const T *restrict x, const long size, const long piece)
{
    const long p = get_global_id(0);
    ACC sum = 0;
#ifdef GPU
    for (long i = p; i < size; i += get_global_size(0)) sum += (ACC)(x[i]) * (ACC)(x[i]);
#else
    long i = p * piece;
    const long end = min(i + piece, size);
    acc a = (acc)(sum), b = a, c = a, d = a;
    for (; i + 4 * LANES <= end; i += 4 * LANES) {
        const acc u = TO_ACC(LOAD(x + i)), v = TO_ACC(LOAD(x + i + LANES));
        const acc w = TO_ACC(LOAD(x + i + 2 * LANES)), t = TO_ACC(LOAD(x + i + 3 * LANES));
        a += u * u;
        b += v * v;
        c += w * w;
        d += t * t;
    }
    for (; i < end; ++i) sum += (ACC)(x[i]) * (ACC)(x[i]);
    sum += sum_lanes((a + b) + (c + d));
#endif
    part[p] = sum * (ACC)(0.5);
}
#endif

#if defined(WINDOW_SUM) || defined(LRN)
#ifdef LRN
#define TERM(v) ((v) * (v))
#define SCALARS , const ACC bias, const ACC alpha, const ACC beta
#define RESULT(v, sum) ((v) * pow(bias + alpha * (sum), -beta))
#define RESULT_LANES(v, sum) ((v) * pow((acc)(bias) + (acc)(alpha) * (sum), (acc)(-beta)))
#else
#define TERM(v) (v)
#define SCALARS
#define RESULT(v, sum) (sum)
#define RESULT_LANES(v, sum) (sum)
#endif

/* y[i, j] = sum of x[i, k] over |k - j| <= radius (WINDOW_SUM), or
 * y[i, j] = x[i, j] (bias + alpha sum of x[i, k]^2 over |k - j| <= radius)^-beta (LRN).
 * x, y: [rows, n]. Global id 0: `rows_each` rows, whose inner columns go by vectors (CPU), or one element (GPU).
 */
SHAPE __kernel void window_sum(__global T *restrict y, __global const T *restrict x, const long rows, const int n,
                               const int radius, const long rows_each SCALARS)
{
#ifdef GPU
    const long row = get_global_id(0) / n;
    const int first = get_global_id(0) % n, end = first + 1;
#else
    const int first = 0, end = n;
    const long last_row = min((long)(get_global_id(0) + 1) * rows_each, rows);
    for (long row = get_global_id(0) * rows_each; row < last_row; ++row)
#endif
    {
        __global const T *from = x + row * n;
        __global T *to = y + row * n;
        for (int j = first; j < end; ++j) {
#if LANES > 1
            if (j >= radius && j + LANES + radius <= n) {
                acc sums = (acc)((ACC)(0));
                for (int k = -radius; k <= radius; ++k) {
                    const acc value = TO_ACC(LOAD(from + j + k));
                    sums += TERM(value);
                }
                STORE(to + j, TO_T(RESULT_LANES(TO_ACC(LOAD(from + j)), sums)));
                j += LANES - 1;
                continue;
            }
#endif
            ACC sum = 0;
            for (int k = max(j - radius, 0); k <= min(j + radius, n - 1); ++k) {
                const ACC value = (ACC)(from[k]);
                sum += TERM(value);
            }
            to[j] = (T)(RESULT((ACC)(from[j]), sum));
        }
    }
}
#endif
