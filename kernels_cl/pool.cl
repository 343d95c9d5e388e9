/* Pooling over windows of a volume, and its gradients.
 *
 * Tensors lie as [outer, depth, height, width, inner]: images outside and channels inside for NHWC, images by channels
 * outside and 1 inside for NCHW, with a depth of 1 for images. The window of the output at (z, y, x) begins at
 * (z, y, x) * stride - pad and has WINDOW_D x WINDOW_H x WINDOW_W taps; those outside the volume count for nothing.
 * In what follows x is the input, y the maximum, and of several equal ones in a window the first is the maximum.
 *
 * Build constants: those of lanes.clh; WINDOW_D, WINDOW_H, WINDOW_W; GPU for that shape; ARGMAX for max_pool to write
 * positions, too; and the kernel's name in upper case: only that one is built, as each takes a compiler a while.
 *
 * Work: a grid of positions (outputs or inputs) is split by rows [outer, depth, height], `rows_each` to a work-item, which
 * goes along them with vectors of channels; the last vector overlaps the one before. On a GPU, where LANES is 1, each
 * work-item has one element, so that neighbours touch neighbouring elements.
 */
#include "lanes.clh"
#include "finish.clh"

/* Stores LANES results for good, from channel `ch` of the element `at - ch` on. */
#ifdef FINISH
#define DONE(y, at, value)                               \
    {                                                    \
        T result[LANES] __attribute__((aligned(64)));    \
        *(vec *)result = value;                          \
        FINISH_SPAN(T, (at) - ch, ch, LANES, result)     \
    }
#else
#define DONE(y, at, value) STORE(y + (at), value);
#endif

/* Whether a value is a larger maximum, and whether it is the maximum: the first NaN is, where there is one, so that it is seen. */
#define LARGER(value, best) (((value) > (best)) | (((value) != (value)) & ((best) == (best))))
#define ALIKE(value, most) (((value) == (most)) | (((value) != (value)) & ((most) != (most))))

#define VOLUME(name) const int name##_d, const int name##_h, const int name##_w
#define SIZES VOLUME(in), VOLUME(out), VOLUME(stride), VOLUME(pad), const int inner, const long rows, const long rows_each
#ifdef GPU
#define SHAPE
#else
#define SHAPE __attribute__((reqd_work_group_size(1, 1, 1)))
#endif

/* Goes through the positions (o, pz, py, px) of a grid and their channels ch; `at` is the element's index. */
#ifdef GPU
#define EACH(grid)                                                                           \
    long rest = get_global_id(0);                                                            \
    const long at = rest;                                                                    \
    const int ch = rest % inner;                                                             \
    rest /= inner;                                                                           \
    const int px = rest % grid##_w;                                                          \
    rest /= grid##_w;                                                                        \
    const int py = rest % grid##_h, pz = rest / grid##_h % grid##_d;                         \
    const long o = rest / grid##_h / grid##_d;                                               \
    {{{
#else
#define EACH(grid)                                                                           \
    const long last_row = min((long)(get_global_id(0) + 1) * rows_each, rows);               \
    for (long row = get_global_id(0) * rows_each; row < last_row; ++row) {                   \
        const int py = row % grid##_h, pz = row / grid##_h % grid##_d;                       \
        const long o = row / grid##_h / grid##_d;                                            \
        for (int px = 0; px < grid##_w; ++px) {                                              \
            const long position = (row * grid##_w + px) * inner;                             \
            for (int start = 0; start < inner; start += LANES) {                             \
                const int ch = min(start, inner - LANES);                                    \
                const long at = position + ch;
#endif
#define END }}}

/* Goes through the taps of the window of output (pz, py, px) that are in the volume; `tap` is the element's index. */
#define FORWARD(k, count) (k)
#define BACKWARD(k, count) ((count) - 1 - (k))
#define OUTSIDE(k, length) ((uint)(k) >= (uint)(length))
#define TAPS(order)                                                                          \
    for (int a = 0; a < WINDOW_D; ++a) {                                                     \
        const int tz = pz * stride_d - pad_d + order(a, WINDOW_D);                           \
        if (OUTSIDE(tz, in_d)) continue;                                                     \
        for (int b = 0; b < WINDOW_H; ++b) {                                                 \
            const int ty = py * stride_h - pad_h + order(b, WINDOW_H);                       \
            if (OUTSIDE(ty, in_h)) continue;                                                 \
            for (int c = 0; c < WINDOW_W; ++c) {                                             \
                const int tx = px * stride_w - pad_w + order(c, WINDOW_W);                   \
                if (OUTSIDE(tx, in_w)) continue;                                             \
                const long tap = (((o * in_d + tz) * in_h + ty) * in_w + tx) * inner + ch;

/* Goes through the outputs (z, y, x) in whose windows the input (pz, py, px) is; `window` is the element's index. */
#define FIRST(p, count, stride, pad) max((p + pad - count + stride) / stride, 0)
#define WINDOWS                                                                                                     \
    for (int z = FIRST(pz, WINDOW_D, stride_d, pad_d); z < out_d && z * stride_d - pad_d <= pz; ++z)                \
        for (int y = FIRST(py, WINDOW_H, stride_h, pad_h); y < out_h && y * stride_h - pad_h <= py; ++y)            \
            for (int x = FIRST(px, WINDOW_W, stride_w, pad_w); x < out_w && x * stride_w - pad_w <= px; ++x) {      \
                const long window = (((o * out_d + z) * out_h + y) * out_w + x) * inner + ch;

/* Number of taps of the window that begins at `begin` that are in [0, length). */
inline int taps_inside(int begin, int count, int length)
{
    return min(begin + count, length) - max(begin, 0);
}

#ifdef MAX_POOL
/* top[p] = max of from[tap] over p's window; with ARGMAX, place[p] = the tap's index in its image, [height, width, channels].
 * Grid: outputs.
 */
SHAPE __kernel void max_pool(__global T *restrict top,
#ifdef ARGMAX
                             __global long *restrict place,
#endif
                             __global const T *restrict from, SIZES FINISH_PARAMETERS)
{
    EACH(out)
        vec best = (vec)((T)(-INFINITY));
#ifdef ARGMAX
        long found = 0;
#endif
        TAPS(FORWARD)
            const vec value = LOAD(from + tap);
#ifdef ARGMAX
            if (LARGER(value, best)) found = tap - o * in_d * in_h * in_w * inner;
#endif
            best = LARGER(value, best) ? value : best;
        END
        DONE(top, at, best)
#ifdef ARGMAX
        place[at] = found;
#endif
    END
}
#endif

#ifdef MAX_POOL_GRAD_DISJOINT
/* dx[tap] = dy[p] where from[tap] is the maximum of p's window, 0 at its other taps, for windows that share no tap.
 * Grid: outputs. Taps in no window are not written.
 */
SHAPE __kernel void max_pool_grad_disjoint(__global T *restrict dx, __global const T *restrict from,
                                           __global const T *restrict top, __global const T *restrict dy,
                                           SIZES FINISH_PARAMETERS)
{
    EACH(out)
        const vec most = LOAD(top + at);
        vec left = LOAD(dy + at); /* what no tap has taken yet */
        const vec none = (vec)((T)(0));
        TAPS(FORWARD)
            const vec value = LOAD(from + tap);
            DONE(dx, tap, ALIKE(value, most) ? left : none)
            left = ALIKE(value, most) ? none : left;
        END
    END
}
#endif

#ifdef MAX_POOL_GRAD_ADD
/* The same for windows that overlap, added to dx.
 * Global id 0: one of outer x blocks of `block` channels, the last block with what remains; a work-item adds all windows of
 * its channels, so that no two write to one element and the sums' order is fixed. CPU only.
 */
SHAPE __kernel void max_pool_grad_add(__global T *restrict dx, __global const T *restrict from,
                                      __global const T *restrict top, __global const T *restrict dy, SIZES, const int block)
{
    const int blocks = inner / block;
    const long o = get_global_id(0) / blocks;
    const int first = get_global_id(0) % blocks * block;
    const int end = first + 2 * block > inner ? inner : first + block;
    const vec none = (vec)((T)(0));
    for (int pz = 0; pz < out_d; ++pz)
        for (int py = 0; py < out_h; ++py)
            for (int px = 0; px < out_w; ++px)
                for (int start = first; start < end; start += LANES) {
                    const int ch = min(start, end - LANES);
                    const long at = (((o * out_d + pz) * out_h + py) * out_w + px) * inner + ch;
                    const vec most = LOAD(top + at);
                    vec left = LOAD(dy + at);
#if LANES > 1
                    /* Channels that the vector before has had. */
                    if (ch < start) left = TO_T(LANE >= (acc)((ACC)(start - ch)) ? TO_ACC(left) : (acc)((ACC)(0)));
#endif
                    TAPS(FORWARD)
                        const vec value = LOAD(from + tap);
                        STORE(dx + tap, LOAD(dx + tap) + (ALIKE(value, most) ? left : none));
                        left = ALIKE(value, most) ? none : left;
                    END
                }
}
#endif

#ifdef MAX_POOL_GRAD_GATHER
/* The same for windows that overlap, gathered: dx[p] = sum of dy[window] over the windows whose first maximum p is.
 * Grid: inputs. GPU only: each element is found by looking at the taps before it in each of its windows.
 */
__kernel void max_pool_grad_gather(__global T *restrict dx, __global const T *restrict from,
                                   __global const T *restrict top, __global const T *restrict dy,
                                   SIZES FINISH_PARAMETERS)
{
    EACH(in)
        const T value = from[at];
        ACC sum = 0;
        WINDOWS
            if (ALIKE(value, top[window])) {
                int before = 0;
                for (int a = max(z * stride_d - pad_d, 0); a <= pz && !before; ++a)
                    for (int b = max(y * stride_h - pad_h, 0); b < min(y * stride_h - pad_h + WINDOW_H, in_h) && !before; ++b)
                        for (int c = max(x * stride_w - pad_w, 0); c < min(x * stride_w - pad_w + WINDOW_W, in_w); ++c) {
                            const long tap = (((o * in_d + a) * in_h + b) * in_w + c) * inner + ch;
                            if (tap >= at) break;
                            if (ALIKE(from[tap], value)) {
                                before = 1;
                                break;
                            }
                        }
                if (!before) sum += (ACC)(dy[window]);
            }
        }
        DONE(dx, at, (T)(sum))
    END
}
#endif

#ifdef MAX_POOL_GRAD_GRAD
/* ddy[p] = ddx[tap] at the tap where the maximum of p's window is. Grid: outputs. */
SHAPE __kernel void max_pool_grad_grad(__global T *restrict ddy, __global const T *restrict from,
                                       __global const T *restrict top, __global const T *restrict ddx, SIZES)
{
    EACH(out)
        const vec most = LOAD(top + at);
        vec taken = (vec)((T)(0));
        TAPS(BACKWARD) /* so that the first equal one stays */
            const vec value = LOAD(from + tap);
            taken = ALIKE(value, most) ? LOAD(ddx + tap) : taken;
        END
        STORE(ddy + at, taken);
    END
}
#endif

#ifdef AVG_POOL
/* mean[p] = mean of from[tap] over the taps of p's window that are in the volume. Grid: outputs. */
SHAPE __kernel void avg_pool(__global T *restrict mean, __global const T *restrict from, SIZES FINISH_PARAMETERS)
{
    EACH(out)
        acc sum = (acc)((ACC)(0));
        TAPS(FORWARD)
            sum += TO_ACC(LOAD(from + tap));
        END
        const int count = taps_inside(pz * stride_d - pad_d, WINDOW_D, in_d) *
                          taps_inside(py * stride_h - pad_h, WINDOW_H, in_h) *
                          taps_inside(px * stride_w - pad_w, WINDOW_W, in_w);
        DONE(mean, at, TO_T(sum / (acc)((ACC)(count))))
    END
}
#endif

#ifdef AVG_POOL_GRAD
/* dx[p] = sum of dy[window] / (the window's number of taps) over the windows that p is in. Grid: inputs. */
SHAPE __kernel void avg_pool_grad(__global T *restrict dx, __global const T *restrict dy, SIZES FINISH_PARAMETERS)
{
    EACH(in)
        acc sum = (acc)((ACC)(0));
        WINDOWS
            const int count = taps_inside(z * stride_d - pad_d, WINDOW_D, in_d) *
                              taps_inside(y * stride_h - pad_h, WINDOW_H, in_h) *
                              taps_inside(x * stride_w - pad_w, WINDOW_W, in_w);
            sum += TO_ACC(LOAD(dy + window)) / (acc)((ACC)(count));
        }
        DONE(dx, at, TO_T(sum))
    END
}
#endif
