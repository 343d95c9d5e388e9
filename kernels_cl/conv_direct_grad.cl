// The gradient with respect to the filter of convolutions over images or volumes of few channels, for CPUs, channels last. As
// in conv_direct.cl the image comes with its padding and is read where it is:
//   dfilter[j, c][o] = sum_p in[origin of p + offset of (j, c)] dy[p][o]
// A register tile is TILE_M of the (j, c), each with a pointer that walks along a row of the grid, by TILE_N outputs.

#include "tile.clh"
#include "conv.clh"

// Steps between two cache lines that are asked for.
#define UNROLL 2
// sum[i][v] += x[i][at] * b[v], and on to the next position.
#define DIRECT_STEP                                                                              \
  {                                                                                              \
    vec y[TILE_V];                                                                               \
    _Pragma("unroll") for (int v = 0; v < TILE_V; v++) y[v] = ((__local const vec *)b)[v];       \
    _Pragma("unroll") for (int i = 0; i < TILE_M; i++) {                                         \
      vec value = (vec)(x[i][at]);                                                               \
      _Pragma("unroll") for (int v = 0; v < TILE_V; v++) sum[i][v] += value * y[v];              \
    }                                                                                            \
    b += TILE_N, at += step;                                                                     \
  }

// c[i][j] (+)= sum over `pieces` of rows of the grid, their positions k, of in[origin + k * step + offset[i]] * b[.][j], for
// one register tile whose rows are `pitch` apart in c; of it `rows` and `cols` are inside. Meanwhile memory is asked for, from
// address `ahead` to `ahead_end`.
static inline void direct_sum(__global T *c, size_t pitch, int rows, int cols, __global const T *in,
                              __local const size_t *offsets, __local const size_t *origin, __local const int *length,
                              int pieces, size_t step, __local const T *b, int add, size_t *ahead, size_t ahead_end) {
  vec sum[TILE_M][TILE_V];
  size_t offset[TILE_M], next = *ahead;
#pragma unroll
  for (int i = 0; i < TILE_M; i++) {
    offset[i] = offsets[min(i, rows - 1)];
#pragma unroll
    for (int v = 0; v < TILE_V; v++) sum[i][v] = (vec)(0);
  }
  for (int p = 0; p < pieces; p++) {
    __global const T *x[TILE_M];
#pragma unroll
    for (int i = 0; i < TILE_M; i++) x[i] = in + origin[p] + offset[i];
    size_t at = 0;
    int k = 0, count = length[p];
    for (; k + UNROLL <= count; k += UNROLL) {
      if (next < ahead_end) NEAR(next);
      next += 64;
#pragma unroll
      for (int s = 0; s < UNROLL; s++) DIRECT_STEP
    }
    for (; k < count; k++) DIRECT_STEP
  }
  *ahead = next;
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
    if (i < rows)
#pragma unroll
      for (int v = 0; v < TILE_V; v++)
        if (v * LANES < cols) tile_store(c, i * pitch, v * LANES, sum[i][v], cols - v * LANES, add);
}

// dfilter: [parts, taps, channels, outputs]; in: [images, in volume, channels], padded, so that patches begin at grid *
// stride + from; dy: [images, grid, outputs]. Part i sums the positions from i * part_steps on.
// Global ids: (block of `item_cols` outputs, block of `item_rows` rows (tap, channel), part). Local size 1: a work-item is
// a core's share; it packs a chunk of dy for ROW_TILES tiles at a time.
TILE_KERNEL void conv_direct_grad_filter(
    __global T *dfilter, __global const T *in, __global const T *dy, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(taps), VOLUME(stride), VOLUME(from), VOLUME(dilation), int item_rows, int item_cols, int chunk,
    int part_steps) {
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
  __local size_t offset[ROW_TILES * TILE_M], origin[CHUNK];
  __local int length[CHUNK];
  int positions = images * grid_d * grid_h * grid_w, height = taps_d * taps_h * taps_w * channels;
  int from_m = get_global_id(1) * item_rows, to_m = min(from_m + item_rows, height);
  int from_n = get_global_id(0) * item_cols, cols = min(item_cols, outputs - from_n);
  int from_p = get_global_id(2) * part_steps, to_p = min(from_p + part_steps, positions);
  size_t dy_size = (size_t)positions * outputs, step = (size_t)stride_w * channels;
  dfilter += get_global_id(2) * height * outputs + from_n;
  for (int m0 = from_m; m0 < to_m; m0 += ROW_TILES * TILE_M) {
    int rows = min(ROW_TILES * TILE_M, to_m - m0);
    for (int i = 0; i < rows; i++) {
      int tap = (m0 + i) / channels, jw = tap % taps_w, jh = tap / taps_w % taps_h, jd = tap / taps_w / taps_h;
      offset[i] = ((jd * dilation_d * in_h + jh * dilation_h) * in_w + jw * dilation_w) * channels + (m0 + i) % channels;
    }
    for (int p0 = from_p; p0 < to_p; p0 += chunk) {
      int steps = min(chunk, to_p - p0), pieces = 0;
      size_t b_at = (size_t)p0 * outputs + from_n;
      tile_pack_rows(b_block, dy + b_at, outputs, steps, cols, steps * TILE_N, dy_size - b_at);
      for (int p = p0; p < p0 + steps; pieces++) {
        int x = p % grid_w, y = p / grid_w % grid_h, z = p / grid_w / grid_h % grid_d, n = p / grid_w / grid_h / grid_d;
        origin[pieces] = ((((size_t)n * in_d + z * stride_d + from_d) * in_h + y * stride_h + from_h) * in_w + x * stride_w +
                          from_w) * channels;
        length[pieces] = min(grid_w - x, p0 + steps - p);
        p += length[pieces];
      }
      // Of the next chunk of dy only what lies in one piece is asked for.
      size_t ahead = (size_t)(dy + b_at + steps * (size_t)outputs);
      size_t ahead_end = cols == outputs ? ahead + min(chunk, max(0, to_p - p0 - steps)) * (size_t)outputs * sizeof(T) : 0;
      for (int at_n = 0; at_n < cols; at_n += TILE_N)
        for (int m = 0; m < rows; m += TILE_M)
          direct_sum(dfilter + (size_t)(m0 + m) * outputs + at_n, outputs, rows - m, cols - at_n, in, offset + m, origin,
                     length, pieces, step, b_block + at_n * steps, p0 > from_p, &ahead, ahead_end);
    }
  }
}
