// Convolutions over two or three dimensions for CPUs, channels last, as products of matrices whose left factor is read from
// the image where it is: no patch reaches outside, since the image comes with its padding.
//
// With p = (image, z, y, x) a position of the grid, j = (jd, jh, jw) a tap and c a channel (see conv.cl):
//   out[p] = sum_jc in[origin of p + offset of (j, c)] filter[j, c]
// What a step of k adds to a patch's origin is the same for all patches, so it stands in a table for a block of steps.
//
// With POOLED the maxima over windows of POOL_D x POOL_H x POOL_W positions are stored, in place of which the grid then has
// the windows. One work-item has a window's positions, one after the other, and all steps of k at once.

#include "tile.clh"
#include "conv.clh"

#ifdef POOLED
#define WINDOW (POOL_D * POOL_H * POOL_W)
#else
#define WINDOW 1
#endif

// c[row[i] + column + j] (+)= sum_k in[origin[i] + offset[k]] * b[k][j] for one register tile; with `last` the sums are
// complete, and are finished as finish.clh has it; the tile's first is at `place` among its work-item's positions.
// `rows` and `cols` say how much of the tile is inside the result; b is full, whatever it holds there.
// Inlined, for in a function of its own PoCL 3.1 reads nothing of the tables.
static inline void direct_multiply(__global T *c, __local const size_t *row, __local const size_t *origin, int rows, int cols,
                                   __global const T *in, __local const size_t *offset, __local const T *b, int steps,
                                   int column, int place, int add, int last FINISH_PARAMETERS) {
  vec sum[TILE_M][TILE_V];
  __global const T *x[TILE_M];
#pragma unroll
  for (int i = 0; i < TILE_M; i++) {
    x[i] = in + origin[min(i, rows - 1)];
#pragma unroll
    for (int v = 0; v < TILE_V; v++) sum[i][v] = (vec)(0);
  }
  for (int k = 0; k < steps; k++, b += TILE_N) {
    size_t at = offset[k];
    vec y[TILE_V];
#pragma unroll
    for (int v = 0; v < TILE_V; v++) y[v] = ((__local const vec *)b)[v];
#pragma unroll
    for (int i = 0; i < TILE_M; i++) {
      vec value = (vec)(x[i][at]);
#pragma unroll
      for (int v = 0; v < TILE_V; v++) sum[i][v] += value * y[v];
    }
  }
#ifdef FINISH
  if (last) {
    T result[TILE_M][TILE_N] __attribute__((aligned(64)));
#pragma unroll
    for (int i = 0; i < TILE_M; i++)
#pragma unroll
      for (int v = 0; v < TILE_V; v++) ((vec *)result[i])[v] = sum[i][v];
    int count = min(cols, TILE_N);
    for (int i = 0; i < min(rows, TILE_M); i++) {
      if (add)
        for (int j = 0; j < count; j++) result[i][j] += c[row[i] + column + j];
      FINISH_POOLED(T, row[i], column, count, result[i], (place + i) % WINDOW == 0)
    }
    return;
  }
#endif
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
    if (i < rows) {
      __global T *to = c + row[i] + column;
      if (cols >= TILE_N) {
#pragma unroll
        for (int v = 0; v < TILE_V; v++) {
          __global vec_u *place = (__global vec_u *)to + v;
          *place = add ? *place + sum[i][v] : sum[i][v];
        }
      } else {
        T edge[TILE_N] __attribute__((aligned(64)));
#pragma unroll
        for (int v = 0; v < TILE_V; v++) ((vec *)edge)[v] = sum[i][v];
        for (int j = 0; j < cols; j++) to[j] = add ? to[j] + edge[j] : edge[j];
      }
    }
}

// Packs rows k of the filter: to[panel][k][j] = from[k * pitch + panel * TILE_N + j], zeros beyond `cols`.
static inline void direct_pack(__local T *to, __global const T *from, size_t pitch, int steps, int cols) {
  for (int n = 0; n < cols; n += TILE_N)
    for (int k = 0; k < steps; k++, to += TILE_N) {
      __global const T *source = from + k * pitch + n;
      if (cols - n >= TILE_N) {
#pragma unroll
        for (int v = 0; v < TILE_V; v++) ((__local vec *)to)[v] = ((__global const vec_u *)source)[v];
      } else {
        for (int j = 0; j < TILE_N; j++) to[j] = j < cols - n ? source[j] : (T)0;
      }
    }
}

// out[image][z * out_step + out_from][...][...][o] = sum_jc patch[p][j, c] filter[j, c][o].
// out: [images, out volume, outputs]; in: [images, in volume, channels], padded, so that patches begin at grid * stride + from;
// filter: [taps, channels, outputs].
// Global ids: (block of `item_cols` outputs, block of `item_rows` positions). Local size 1: a work-item is a core's share.
TILE_KERNEL void conv_direct(
    __global T *out, __global const T *in, __global const T *filter, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(out), VOLUME(out_step), VOLUME(out_from), VOLUME(taps), VOLUME(stride), VOLUME(from),
    VOLUME(dilation), int item_rows, int item_cols, int chunk FINISH_PARAMETERS) {
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
  __local size_t row[4 * ROW_TILES * TILE_M], origin[4 * ROW_TILES * TILE_M];
  __local size_t offset[CHUNK];
  int positions = images * grid_d * grid_h * grid_w * WINDOW;
  int from_m = get_global_id(1) * item_rows, count = min(item_rows, positions - from_m);
  int from_n = get_global_id(0) * item_cols, cols = min(item_cols, outputs - from_n);
  int k = taps_d * taps_h * taps_w * channels;
  int at_grid = from_m / WINDOW, x = at_grid % grid_w, y = at_grid / grid_w % grid_h, z = at_grid / grid_w / grid_h % grid_d;
  int n = at_grid / grid_w / grid_h / grid_d;
#ifdef POOLED
  for (int i = 0; i < count;) {
    size_t to = ((((size_t)n * out_d + z) * out_h + y) * out_w + x) * outputs;
    for (int wz = 0; wz < POOL_D; wz++)
      for (int wy = 0; wy < POOL_H; wy++)
        for (int wx = 0; wx < POOL_W; wx++, i++) {
          int at_z = (z * POOL_D + wz) * stride_d + from_d, at_y = (y * POOL_H + wy) * stride_h + from_h;
          int at_x = (x * POOL_W + wx) * stride_w + from_w;
          row[i] = to, origin[i] = ((((size_t)n * in_d + at_z) * in_h + at_y) * in_w + at_x) * channels;
        }
    NEXT_POSITION(n, z, y, x)
  }
#else
  for (int i = 0; i < count;) {
    int run = min(grid_w - x, count - i);
    size_t to = ((((size_t)n * out_d + z * out_step_d + out_from_d) * out_h + y * out_step_h + out_from_h) * out_w +
                 x * out_step_w + out_from_w) * outputs;
    size_t at = ((((size_t)n * in_d + z * stride_d + from_d) * in_h + y * stride_h + from_h) * in_w + x * stride_w + from_w) *
                channels;
    size_t to_step = (size_t)out_step_w * outputs, at_step = (size_t)stride_w * channels;
    for (int j = 0; j < run; j++) row[i + j] = to + j * to_step, origin[i + j] = at + j * at_step;
    i += run;
    x = grid_w - 1;
    NEXT_POSITION(n, z, y, x)
  }
#endif
  int k0 = 0;
  do {
    int steps = min(chunk, k - k0);
    for (int i = 0; i < steps; i++) {
      int tap = (k0 + i) / channels, jw = tap % taps_w, jh = tap / taps_w % taps_h, jd = tap / taps_w / taps_h;
      offset[i] = ((jd * dilation_d * in_h + jh * dilation_h) * in_w + jw * dilation_w) * channels + (k0 + i) % channels;
    }
    direct_pack(b_block, filter + (size_t)k0 * outputs + from_n, outputs, steps, cols);
    // With few steps rows outside, for then what counts is that results are written row by row; else panels, which stay near.
    int by_rows = steps <= 64;
    for (int at_n = 0, m = 0; at_n < cols && m < count;) {
      direct_multiply(out, row + m, origin + m, count - m, cols - at_n, in, offset, b_block + at_n * steps, steps,
                      from_n + at_n, m, k0 > 0, k0 + chunk >= k FINISH_ARGUMENTS);
      if (by_rows) {
        at_n += TILE_N;
        if (at_n >= cols) at_n = 0, m += TILE_M;
      } else {
        m += TILE_M;
        if (m >= count) m = 0, at_n += TILE_N;
      }
    }
    k0 += chunk;
  } while (k0 < k);
}
