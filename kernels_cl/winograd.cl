// Convolutions of images with small square filters by Winograd's minimal filtering, and their gradients with respect to the
// images; winograd.clh has the algorithm and the build constants.

#include "winograd.clh"

#ifndef POOLED
#define POOL_H 1
#define POOL_W 1
#endif

// The filters as points: u[x][panel][y][c][j] = (G g G^T)[y][x] for the filter g of channel c and output panel * TILE_N + j,
// zero beyond the last output. filter: [TAPS, TAPS, channels, outputs]; with `flip`, for the gradient with respect to the
// image, [TAPS, TAPS, outputs, channels] and taps run backwards.
// Global ids: (panel, block of `item_channels` channels). Local size 1: a work-item copies the filters of CHANNELS channels
// to where they are near, beside each other by outputs, before it transforms them.
#define CHANNELS 8
WINOGRAD_KERNEL void winograd_filter(__global float *u, __global const float *filter, int channels, int outputs, int flip,
                                     int item_channels) {
  float g[TAPS * TAPS][CHANNELS][TILE_N] __attribute__((aligned(64)));
  int panels = get_global_size(0), panel = get_global_id(0), count = min(TILE_N, outputs - panel * TILE_N);
  int from = get_global_id(1) * item_channels, to = min(from + item_channels, channels);
  long tap_size = (long)channels * outputs, point_size = (long)channels * TILE_N;
  for (int first = from; first < to; first += CHANNELS) {
    int steps = min(CHANNELS, to - first);
    for (int tap = 0; tap < TAPS * TAPS; tap++)
      if (flip) {
        __global const float *at = filter + (TAPS * TAPS - 1 - tap) * tap_size + (long)panel * TILE_N * channels + first;
        for (int j = 0; j < TILE_N; j++, at += channels)
          for (int c = 0; c < steps; c++) g[tap][c][j] = j < count ? at[c] : 0.0f;
      } else {
        __global const float *at = filter + tap * tap_size + (long)first * outputs + panel * TILE_N;
        for (int c = 0; c < steps; c++, at += outputs)
          for (int j = 0; j < TILE_N; j += LANES) *(vec *)&g[tap][c][j] = load(at + j, count - j, count - j);
      }
    for (int c = 0; c < steps; c++)
      for (int j = 0; j < TILE_N; j += LANES) {
        vec half_done[TAPS][POINTS];
#pragma unroll
        for (int y = 0; y < TAPS; y++) {
          vec row[TAPS];
#pragma unroll
          for (int x = 0; x < TAPS; x++) row[x] = *(vec *)&g[y * TAPS + x][c][j];
          to_points(half_done[y], row, TAPS);
          scale_points(half_done[y]);
        }
        __global float *target = u + panel * POINTS * point_size + (first + c) * TILE_N + j;
#pragma unroll
        for (int x = 0; x < POINTS; x++) {
          vec column[TAPS], points[POINTS];
#pragma unroll
          for (int y = 0; y < TAPS; y++) column[y] = half_done[y][x];
          to_points(points, column, TAPS);
          scale_points(points);
#pragma unroll
          for (int y = 0; y < POINTS; y++) *(__global vec *)(target + (x * panels * POINTS + y) * point_size) = points[y];
        }
      }
  }
}

// sum[i][j] += v[i][k] u[k][j], k being s steps behind where v and u are.
#define STEP(s)                                                                                                \
  {                                                                                                            \
    vec factor[TILE_V];                                                                                        \
    _Pragma("unroll") for (int j = 0; j < TILE_V; j++) factor[j] = ((__global const vec *)(u + (s) * TILE_N))[j]; \
    _Pragma("unroll") for (int i = 0; i < TILE_M; i++) {                                                       \
      vec value = (vec)(v[i * LANES + (s)]);                                                                   \
      _Pragma("unroll") for (int j = 0; j < TILE_V; j++) sum[i][j] += value * factor[j];                       \
    }                                                                                                          \
  }

// m[i][j] = sum_k v[i][k] u[k][j] for a register tile; its rows are tiles, of TILE_N elements in m. In v their vectors of
// channels are beside each other, and the next channels `v_pitch` elements on.
// Not inlined, for then some compilers keep the sums in memory for the sake of what surrounds it.
__attribute__((noinline)) static void multiply(__global float *m, __global const float *v, int v_pitch,
                                               __global const float *u, int steps) {
  vec sum[TILE_M][TILE_V];
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
#pragma unroll
    for (int j = 0; j < TILE_V; j++) sum[i][j] = (vec)(0.0f);
  for (; steps >= LANES; steps -= LANES, v += v_pitch, u += LANES * TILE_N) {
    // Two steps at a time: compilers that see all of them mix them until the sums no longer fit the registers.
#pragma nounroll
    for (int s = 0; s < LANES; s += 2) {
      STEP(s)
      STEP(s + 1)
    }
  }
  for (; steps > 0; steps--, v++, u += TILE_N) STEP(0)
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
#pragma unroll
    for (int j = 0; j < TILE_V; j++) ((__global vec *)(m + i * TILE_N))[j] = sum[i][j];
}

// Writes the patches of `run` tiles beside each other as points: v[(x * POINTS + y) * point_size + c / LANES * pitch + tile *
// LANES + c % LANES]. The first begins
// at (y0, x0), which may be outside the image; `room` elements can be read from `image` on. Patches overlap, so columns are
// transformed once for all that share them.
static inline void transform_patches(__global float *v, long point_size, int pitch, int run, __global const float *image,
                                     long room, int y0, int x0, int in_h, int in_w, int channels) {
  int low = max(0, -y0), high = min(POINTS, in_h - y0), columns = (run - 1) * OUT + POINTS;
  int below = min(in_h, y0 + POINTS) - 1, right = min(in_w, x0 + columns) - 1;
  int whole = ((long)below * in_w + right) * channels + ROUND_UP(channels, LANES) <= room;
  vec half_done[RUN * OUT + TAPS - 1][POINTS];
  for (int c = 0; c < channels; c += LANES, v += pitch) {
    for (int k = 0; k < columns; k++) {
      int x = x0 + k;
      vec d[POINTS];
      if (whole && x >= 0 && x < in_w) {
        __global const float *from = image + ((long)y0 * in_w + x) * channels + c;
#pragma unroll
        for (int y = 0; y < POINTS; y++)
          d[y] = y >= low && y < high ? *(__global const vec_u *)(from + y * in_w * channels) : (vec)(0.0f);
      } else {
#pragma unroll
        for (int y = 0; y < POINTS; y++) d[y] = (vec)(0.0f);
        if (x >= 0 && x < in_w)
          for (int y = low; y < high; y++) {
            long at = ((long)(y0 + y) * in_w + x) * channels + c;
            d[y] = load(image + at, channels - c, room - at);
          }
      }
      patch_points(half_done[k], d);
    }
    for (int t = 0; t < run; t++)
#pragma unroll
      for (int y = 0; y < POINTS; y++) {
        vec row[POINTS], points[POINTS];
#pragma unroll
        for (int x = 0; x < POINTS; x++) row[x] = half_done[t * OUT + x][y];
        patch_points(points, row);
#pragma unroll
        for (int x = 0; x < POINTS; x++) *(__global vec *)(v + (x * POINTS + y) * point_size + t * LANES) = points[x];
      }
  }
}

// Transforms the products of one x back along y: h[tile][y][j] = sum_k A[k][y] m[k][tile][j], rows k `point_size` apart.
static inline void transform_column(__global float *h, __global const float *m, long point_size, int tiles) {
  for (int t = 0; t < tiles; t++, m += TILE_N, h += OUT * TILE_N)
    for (int o = 0; o < TILE_N; o += LANES) {
      vec points[POINTS], column[OUT];
#pragma unroll
      for (int y = 0; y < POINTS; y++) points[y] = *(__global const vec *)(m + y * point_size + o);
      from_points(column, points, OUT);
#pragma unroll
      for (int y = 0; y < OUT; y++) *(__global vec *)(h + y * TILE_N + o) = column[y];
    }
}

// Transforms one tile back along x and writes `count` of its outputs, from `output` on: of its positions those in the image,
// `rows` x `columns`, of which the first begins at element `at` of `out`. h: [OUT][TILE_N] for each x, `x_size` apart.
// With POOLED what is written are the maxima over windows of POOL_H x POOL_W positions, which lie within tiles.
static inline void transform_rows(__global float *out, long at, int pitch_y, int pitch_x, int rows, int columns, int output,
                                  int count, __global const float *h, long x_size FINISH_PARAMETERS) {
  for (int o = 0; o < count; o += LANES) {
#pragma unroll
    for (int y = 0; y < OUT; y++) {
      if (y < rows) {
        vec points[POINTS], row[OUT];
#pragma unroll
        for (int x = 0; x < POINTS; x++) points[x] = *(__global const vec *)(h + x * x_size + y * TILE_N + o);
        from_points(row, points, OUT);
#pragma unroll
        for (int x = 0; x < OUT; x++)
          if (x < columns) {
            long position = at + (long)(y / POOL_H) * pitch_y + (long)(x / POOL_W) * pitch_x;
#ifdef FINISH
            float result[LANES] __attribute__((aligned(64)));
            *(vec *)result = row[x];
            FINISH_POOLED(float, position, output + o, min(LANES, count - o), result, y % POOL_H + x % POOL_W == 0)
#else
            store(out + position + output + o, row[x], count - o);
#endif
          }
      }
    }
  }
}

// out[image][y][x][o] = sum_tap,c in[image][y - pad + tap_y][x - pad + tap_x][c] filter[tap][c][o], zero outside the image.
// out: [images, out_h / POOL_H, out_w / POOL_W, outputs], POOL being 1 without POOLED; in: [images, in_h, in_w, channels];
// u: winograd_filter's result;
// scratch: [items, item_scratch], for V [x][y][channels / LANES][block_tiles][LANES], the products M of one x and panel,
// [y][block_tiles][TILE_N], and what is transformed back along y, H [group_panels][x][block_tiles][OUT][TILE_N].
// Global id: `item_tiles` tiles, of which `block_tiles`, whole register tiles, are computed at a time, and of their outputs
// `group_panels` panels, so that a block's patches are transformed once, and its products are in the first cache and H in
// the second when they are transformed back.
WINOGRAD_KERNEL void winograd_conv(__global float *out, __global const float *in, __global const float *u,
                                   __global float *scratch, SIZES, int item_tiles, int block_tiles, int group_panels,
                                   long item_scratch FINISH_PARAMETERS) {
  int item = get_global_id(0), from = item * item_tiles, to = min(from + item_tiles, images * tiles_h * tiles_w);
  int v_pitch = block_tiles * LANES, panels = (outputs + TILE_N - 1) / TILE_N;
  long v_size = (long)ROUND_UP(channels, LANES) * block_tiles + GAP, m_size = (long)block_tiles * TILE_N + GAP;
  long h_size = (long)block_tiles * OUT * TILE_N + GAP, image_size = (long)in_h * in_w * channels;
  long u_size = (long)channels * TILE_N;
  int pooled_h = out_h / POOL_H, pooled_w = out_w / POOL_W;
  __global float *v = scratch + item * item_scratch, *m = v + POINTS * POINTS * v_size, *h = m + POINTS * m_size;
  for (int first = from; first < to; first += block_tiles) {
    int tiles = min(block_tiles, to - first);
    for (int t = 0, run; t < tiles; t += run) {
      int tile = first + t, x = tile % tiles_w, y = tile / tiles_w % tiles_h, n = tile / tiles_w / tiles_h;
      run = min(min(tiles - t, tiles_w - x), RUN);
      transform_patches(v + t * LANES, v_size, v_pitch, run, in + n * image_size, (images - n) * image_size,
                        y * OUT - pad_h, x * OUT - pad_w, in_h, in_w, channels);
    }
    for (int panel = 0; panel < panels; panel += group_panels) {
      int group = min(group_panels, panels - panel);
      for (int x = 0; x < POINTS; x++)
        for (int p = 0; p < group; p++) {
          for (int y = 0; y < POINTS; y++)
            for (int t = 0; t < tiles; t += TILE_M)
              multiply(m + y * m_size + t * TILE_N, v + (x * POINTS + y) * v_size + t * LANES, v_pitch,
                       u + ((x * panels + panel + p) * POINTS + y) * u_size, channels);
          transform_column(h + (p * POINTS + x) * h_size, m, m_size, tiles);
        }
      for (int t = 0; t < tiles; t++) {
        int tile = first + t, x = tile % tiles_w * OUT, y = tile / tiles_w % tiles_h * OUT, n = tile / tiles_w / tiles_h;
        for (int p = 0; p < group; p++) {
          int o = (panel + p) * TILE_N;
          long at = (((long)n * pooled_h + y / POOL_H) * pooled_w + x / POOL_W) * outputs;
          transform_rows(out, at, pooled_w * outputs, outputs, pooled_h * POOL_H - y, pooled_w * POOL_W - x, o,
                         min(TILE_N, outputs - o), h + p * POINTS * h_size + t * OUT * TILE_N, h_size FINISH_ARGUMENTS);
        }
      }
    }
  }
}
