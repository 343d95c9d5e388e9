// Convolutions of images with small square filters by Winograd's minimal filtering, and their gradients with respect to the
// images; winograd.clh has the algorithm and the build constants.

#include "winograd.clh"

// The filters as points: u[point][panel][c][j] = (G g G^T)[point] for the filter g of channel c and output panel * TILE_N + j,
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
  long tap_size = (long)channels * outputs, point_size = (long)panels * channels * TILE_N;
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
        __global float *target = u + ((long)panel * channels + first + c) * TILE_N + j;
#pragma unroll
        for (int x = 0; x < POINTS; x++) {
          vec column[TAPS], points[POINTS];
#pragma unroll
          for (int y = 0; y < TAPS; y++) column[y] = half_done[y][x];
          to_points(points, column, TAPS);
          scale_points(points);
#pragma unroll
          for (int y = 0; y < POINTS; y++) *(__global vec *)(target + (y * POINTS + x) * point_size) = points[y];
        }
      }
  }
}

// m[i][j] = sum_k v[i][k] u[k][j] for a register tile, of which `rows` rows count: tiles, the points of each beside
// each other in m.
// Not inlined, for then some compilers keep the sums in memory for the sake of what surrounds it.
__attribute__((noinline)) static void multiply(__global float *m, __global const float *v, int v_pitch, int rows,
                                               __global const float *u, int steps) {
  vec sum[TILE_M][TILE_V];
  __global const float *row[TILE_M];
#pragma unroll
  for (int i = 0; i < TILE_M; i++) {
    row[i] = v + min(i, rows - 1) * v_pitch;
#pragma unroll
    for (int j = 0; j < TILE_V; j++) sum[i][j] = (vec)(0.0f);
  }
  for (int k = 0; k < steps; k++, u += TILE_N) {
    vec factor[TILE_V];
#pragma unroll
    for (int j = 0; j < TILE_V; j++) factor[j] = ((__global const vec *)u)[j];
#pragma unroll
    for (int i = 0; i < TILE_M; i++) {
      vec value = (vec)(row[i][k]);
#pragma unroll
      for (int j = 0; j < TILE_V; j++) sum[i][j] += value * factor[j];
    }
  }
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
    if (i < rows) {
#pragma unroll
      for (int j = 0; j < TILE_V; j++) ((__global vec *)(m + i * POINTS * POINTS * TILE_N))[j] = sum[i][j];
    }
}

// Writes the patches of `run` tiles beside each other as points: v[point * point_size + tile * pitch + c]. The first begins
// at (y0, x0), which may be outside the image; `room` elements can be read from `image` on. Patches overlap, so columns are
// transformed once for all that share them.
static inline void transform_patches(__global float *v, long point_size, int pitch, int run, __global const float *image,
                                     long room, int y0, int x0, int in_h, int in_w, int channels) {
  int low = max(0, -y0), high = min(POINTS, in_h - y0), columns = (run - 1) * OUT + POINTS;
  int below = min(in_h, y0 + POINTS) - 1, right = min(in_w, x0 + columns) - 1;
  int whole = low == 0 && high == POINTS && ((long)below * in_w + right) * channels + pitch <= room;
  vec half_done[RUN * OUT + TAPS - 1][POINTS];
  for (int c = 0; c < channels; c += LANES, v += LANES) {
    for (int k = 0; k < columns; k++) {
      int x = x0 + k;
      vec d[POINTS];
      if (whole && x >= 0 && x < in_w) {
        __global const float *from = image + ((long)y0 * in_w + x) * channels + c;
#pragma unroll
        for (int y = 0; y < POINTS; y++) d[y] = *(__global const vec_u *)(from + y * in_w * channels);
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
        for (int x = 0; x < POINTS; x++) *(__global vec *)(v + (y * POINTS + x) * point_size + t * pitch) = points[x];
      }
  }
}

// Writes `count` outputs of one tile, from `output` on: of its positions those in the image, `rows` x `columns`, of which the
// first begins at element `at` of `out`. m: [36][TILE_N].
static inline void transform_product(__global float *out, long at, int pitch_y, int pitch_x, int rows, int columns,
                                     int output, int count, __global const float *m FINISH_PARAMETERS) {
  for (int o = 0; o < count; o += LANES) {
    vec half_done[OUT][POINTS];
#pragma unroll
    for (int x = 0; x < POINTS; x++) {
      vec points[POINTS], column[OUT];
#pragma unroll
      for (int y = 0; y < POINTS; y++) points[y] = *(__global const vec *)(m + (y * POINTS + x) * TILE_N + o);
      from_points(column, points, OUT);
#pragma unroll
      for (int y = 0; y < OUT; y++) half_done[y][x] = column[y];
    }
#pragma unroll
    for (int y = 0; y < OUT; y++) {
      vec row[OUT];
      from_points(row, half_done[y], OUT);
      if (y < rows) {
#pragma unroll
        for (int x = 0; x < OUT; x++)
          if (x < columns) {
            long position = at + (long)y * pitch_y + (long)x * pitch_x;
#ifdef FINISH
            float result[LANES] __attribute__((aligned(64)));
            *(vec *)result = row[x];
            FINISH_SPAN(float, position, output + o, min(LANES, count - o), result)
#else
            store(out + position + output + o, row[x], count - o);
#endif
          }
      }
    }
  }
}

// out[image][y][x][o] = sum_tap,c in[image][y - pad + tap_y][x - pad + tap_x][c] filter[tap][c][o], zero outside the image.
// out: [images, out_h, out_w, outputs]; in: [images, in_h, in_w, channels]; u: winograd_filter's result;
// scratch: [items, item_scratch], for V [36][block_tiles][channels] and M [group_panels][block_tiles][36][TILE_N].
// Global id: `item_tiles` tiles, of which `block_tiles` are computed at a time, and of their outputs `group_panels` panels,
// so that a block's patches are transformed once and its products are still near when they are transformed back.
WINOGRAD_KERNEL void winograd_conv(__global float *out, __global const float *in, __global const float *u,
                                   __global float *scratch, SIZES, int item_tiles, int block_tiles, int group_panels,
                                   long item_scratch FINISH_PARAMETERS) {
  int item = get_global_id(0), from = item * item_tiles, to = min(from + item_tiles, images * tiles_h * tiles_w);
  int v_pitch = ROUND_UP(channels, LANES), panels = (outputs + TILE_N - 1) / TILE_N, m_pitch = POINTS * POINTS * TILE_N;
  long v_size = (long)block_tiles * v_pitch + GAP, m_panel = (long)block_tiles * m_pitch;
  long image_size = (long)in_h * in_w * channels, u_panel = (long)channels * TILE_N;
  __global float *v = scratch + item * item_scratch, *m = v + POINTS * POINTS * v_size;
  for (int first = from; first < to; first += block_tiles) {
    int tiles = min(block_tiles, to - first);
    for (int t = 0, run; t < tiles; t += run) {
      int tile = first + t, x = tile % tiles_w, y = tile / tiles_w % tiles_h, n = tile / tiles_w / tiles_h;
      run = min(min(tiles - t, tiles_w - x), RUN);
      transform_patches(v + t * v_pitch, v_size, v_pitch, run, in + n * image_size, (images - n) * image_size,
                        y * OUT - pad_h, x * OUT - pad_w, in_h, in_w, channels);
    }
    for (int panel = 0; panel < panels; panel += group_panels) {
      int group = min(group_panels, panels - panel);
      for (int point = 0; point < POINTS * POINTS; point++)
        for (int p = 0; p < group; p++)
          for (int t = 0; t < tiles; t += TILE_M)
            multiply(m + p * m_panel + t * m_pitch + point * TILE_N, v + point * v_size + t * v_pitch, v_pitch,
                     tiles - t, u + ((long)point * panels + panel + p) * u_panel, channels);
      for (int t = 0; t < tiles; t++) {
        int tile = first + t, x = tile % tiles_w * OUT, y = tile / tiles_w % tiles_h * OUT, n = tile / tiles_w / tiles_h;
        for (int p = 0; p < group; p++) {
          int o = (panel + p) * TILE_N;
          transform_product(out, (((long)n * out_h + y) * out_w + x) * outputs, out_w * outputs, outputs, out_h - y,
                            out_w - x, o, min(TILE_N, outputs - o), m + p * m_panel + t * m_pitch FINISH_ARGUMENTS);
        }
      }
    }
  }
}
