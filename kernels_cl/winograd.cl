// Convolutions of images with small square filters by Winograd's minimal filtering, and their gradients; channels last,
// stride 1. (A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.)
//
// The result is cut into tiles of OUT x OUT positions, OUT = 7 - TAPS. Each depends on 6 x 6 positions of the image, and
// with d such a patch and g a filter,
//   y = A^T [(G g G^T) * (B^T d B)] A,
// where * is the product element by element: 36 multiplications instead of (OUT * TAPS)^2 (100 for TAPS 5, 144 for 3).
// Summed over channels these are 36 products of matrices, one for each of 6 x 6 points: [tiles, channels] x [channels,
// outputs]. The points are 0, 1, -1, 2, -2 and infinity: with P_n the 6 x n matrix of their powers 0 to n - 1 (infinity:
// the last column only) and S the diagonal of their factors, A = P_OUT and G = S P_TAPS.
//
// Build constants:
//   TAPS     side of the filter, 3 to 5               LANES    elements of a vector register
//   TILE_M   rows of a register tile                  TILE_V   vectors in a row of it (TILE_N = TILE_V * LANES columns)
//   GRAD_FILTER   defined: the gradient with respect to the filter, else the convolution
//
// One shape, for CPUs: a work-item is a core's share, which goes through blocks of tiles that its own part of `scratch`
// holds near the core: patches as points V, products M. Vectors run along channels.

#define POINTS 6
#define OUT (POINTS + 1 - TAPS)
#define TILE_N (TILE_V * LANES)
// Elements behind the tiles of one point: an odd number of cache lines from point to point, so that those of one patch
// spread over all cache sets, and room for a register tile's rows beyond the last channel.
#define GAP 16
// Tiles beside each other that are transformed together.
#define RUN 8
#define ROUND_UP(n, unit) (((n) + (unit) - 1) / (unit) * (unit))

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef float vec_u __attribute__((ext_vector_type(LANES), aligned(4)));

#define WINOGRAD_KERNEL __kernel __attribute__((reqd_work_group_size(1, 1, 1), vec_type_hint(vec)))

// The images' and results' places: both [images, height, width, channels]; tiles are numbered (image, row, column).
#define SIZES                                                                                              \
  int images, int channels, int outputs, int in_h, int in_w, int out_h, int out_w, int tiles_h, int tiles_w, \
      int pad_h, int pad_w

// The element type's factors S of the points.
#define SCALE_0 0.25f
#define SCALE_1 (-1.0f / 6)
#define SCALE_2 (1.0f / 24)

// p = P_n x: the polynomial with coefficients x at each point.
static inline void to_points(vec p[POINTS], const vec *x, int n) {
  vec even = x[0], odd = x[1], even2 = x[0], odd2 = 2.0f * x[1];
#pragma unroll
  for (int k = 2; k < 5; k++)
    if (k < n) {
      if (k % 2) odd += x[k], odd2 += (float)(1 << k) * x[k];
      else even += x[k], even2 += (float)(1 << k) * x[k];
    }
  p[0] = x[0], p[1] = even + odd, p[2] = even - odd, p[3] = even2 + odd2, p[4] = even2 - odd2, p[5] = x[n - 1];
}

// x = P_n^T p.
static inline void from_points(vec *x, const vec p[POINTS], int n) {
  vec even = p[1] + p[2], odd = p[1] - p[2], even2 = p[3] + p[4], odd2 = p[3] - p[4];
  x[0] = p[0] + even + even2;
#pragma unroll
  for (int k = 1; k < 5; k++)
    if (k < n) x[k] = (k % 2 ? odd : even) + (float)(1 << k) * (k % 2 ? odd2 : even2);
  x[n - 1] += p[5];
}

// p = S p.
static inline void scale_points(vec p[POINTS]) {
  p[0] *= SCALE_0, p[1] *= SCALE_1, p[2] *= SCALE_1, p[3] *= SCALE_2, p[4] *= SCALE_2;
}

// p = B^T d.
static inline void patch_points(vec p[POINTS], const vec d[POINTS]) {
  vec even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1], even2 = d[4] - d[2], odd2 = 2.0f * (d[3] - d[1]);
  p[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
  p[1] = even + odd, p[2] = even - odd, p[3] = even2 + odd2, p[4] = even2 - odd2;
  p[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

// Loads the elements that are left of a row: a vector where `room` elements can be read (those beyond `count` are of no
// account), else `count` elements and zeros.
static inline vec load(__global const float *from, int count, long room) {
  if (room >= LANES) return *(__global const vec_u *)from;
  float edge[LANES] __attribute__((aligned(64)));
#pragma unroll
  for (int i = 0; i < LANES; i++) edge[i] = i < count ? from[i] : 0.0f;
  return *(vec *)edge;
}

static inline void store(__global float *to, vec value, int count) {
  if (count >= LANES) {
    *(__global vec_u *)to = value;
    return;
  }
  float edge[LANES] __attribute__((aligned(64)));
  *(vec *)edge = value;
  for (int i = 0; i < count; i++) to[i] = edge[i];
}

#ifndef GRAD_FILTER

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

// Writes `count` outputs of one tile: of its positions those in the image, `rows` x `columns`. m: [36][TILE_N].
static inline void transform_product(__global float *out, int pitch_y, int pitch_x, int rows, int columns, int count,
                                     __global const float *m) {
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
          if (x < columns) store(out + (long)y * pitch_y + (long)x * pitch_x + o, row[x], count - o);
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
                                   long item_scratch) {
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
          transform_product(out + (((long)n * out_h + y) * out_w + x) * outputs + o, out_w * outputs, outputs, out_h - y,
                            out_w - x, min(TILE_N, outputs - o), m + p * m_panel + t * m_pitch);
        }
      }
    }
  }
}

#else  // GRAD_FILTER

__constant float patch_matrix[POINTS][POINTS] = {  // B^T
    {4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
    {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1},
};
__constant float powers[POINTS][5] = {  // P_5
    {1, 0, 0, 0, 0}, {1, 1, 1, 1, 1}, {1, -1, 1, -1, 1}, {1, 2, 4, 8, 16}, {1, -2, 4, -8, 16}, {0, 0, 0, 0, 0},
};

// A sum of rows of an image: how far the rows are from the first, in elements, and what they are multiplied by.
typedef struct {
  int count;
  long offset[POINTS];
  float factor[POINTS];
} row_sum;

static inline void add_row(row_sum *sum, long offset, float factor) {
  if (factor != 0) {
    sum->offset[sum->count] = offset;
    sum->factor[sum->count++] = factor;
  }
}

// The sum of rows for one vector of channels of a pixel; with `whole` all rows have a vector there.
static inline vec sum_rows(const row_sum *sum, __global const float *pixel, int whole, int count, long room) {
  vec value = (vec)(0.0f);
  for (int r = 0; r < sum->count; r++) {
    __global const float *at = pixel + sum->offset[r];
    value += sum->factor[r] * (whole ? *(__global const vec_u *)at : load(at, count, room - sum->offset[r]));
  }
  return value;
}

// c[i][j] (+)= sum_t v[t][i] m[t][j] for a register tile, of which `rows` rows count; rows of c are `pitch` apart.
// Not inlined, for then some compilers keep the sums in memory for the sake of what surrounds it.
__attribute__((noinline)) static void multiply(__global float *c, int pitch, int rows, __global const float *v,
                                               int v_pitch, __global const float *m, int steps, int add) {
  vec sum[TILE_M][TILE_V];
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
#pragma unroll
    for (int j = 0; j < TILE_V; j++) sum[i][j] = (vec)(0.0f);
  for (int t = 0; t < steps; t++, v += v_pitch, m += TILE_N) {
    vec factor[TILE_V];
#pragma unroll
    for (int j = 0; j < TILE_V; j++) factor[j] = ((__global const vec *)m)[j];
#pragma unroll
    for (int i = 0; i < TILE_M; i++) {
      vec value = (vec)(v[i]);
#pragma unroll
      for (int j = 0; j < TILE_V; j++) sum[i][j] += value * factor[j];
    }
  }
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
    if (i < rows) {
      __global vec *to = (__global vec *)(c + (long)i * pitch);
#pragma unroll
      for (int j = 0; j < TILE_V; j++) to[j] = add ? to[j] + sum[i][j] : sum[i][j];
    }
}

// Writes one row of points of the patches of `run` tiles beside each other: v[x * point_size + tile * pitch + c], from the
// sums of the patches' rows; `room` elements can be read from `image` on, whose pixel x0, which may be outside, is the first.
static inline void patch_row(__global float *v, long point_size, int pitch, int run, const row_sum *sum,
                             __global const float *image, long room, int x0, int in_w, int channels) {
  int columns = (run - 1) * OUT + POINTS;
  int whole = (long)(POINTS * in_w + x0 + columns) * channels + pitch <= room;
  vec half_done[RUN * OUT + TAPS - 1];
  for (int c = 0; c < channels; c += LANES, v += LANES) {
    for (int k = 0; k < columns; k++) {
      int x = x0 + k;
      long at = (long)x * channels + c;
      half_done[k] = x < 0 || x >= in_w ? (vec)(0.0f) : sum_rows(sum, image + at, whole, channels - c, room - at);
    }
    for (int t = 0; t < run; t++) {
      vec points[POINTS];
      patch_points(points, half_done + t * OUT);
#pragma unroll
      for (int k = 0; k < POINTS; k++) *(__global vec *)(v + k * point_size + t * pitch) = points[k];
    }
  }
}

// The same of dy for the outputs of one panel from `first` on, zero beyond the last: m[x * point_size + tile * TILE_N + j].
static inline void result_row(__global float *m, long point_size, int run, const row_sum *sum, __global const float *dy,
                              long room, int x0, int out_w, int outputs, int first) {
  int whole = (long)(OUT * out_w + x0 + run * OUT) * outputs + TILE_N <= room;
  for (int j = 0; j < TILE_N; j += LANES)
    for (int t = 0; t < run; t++) {
      vec values[OUT], points[POINTS];
#pragma unroll
      for (int k = 0; k < OUT; k++) {
        int x = x0 + t * OUT + k, count = outputs - first - j;
        long at = (long)x * outputs + first + j;
        values[k] = x >= out_w || count <= 0 ? (vec)(0.0f) : sum_rows(sum, dy + at, whole, count, room - at);
      }
      to_points(points, values, OUT);
#pragma unroll
      for (int k = 0; k < POINTS; k++) *(__global vec *)(m + k * point_size + t * TILE_N + j) = points[k];
    }
}

// du[part][point][c][o] = sum over a part's tiles of (B^T d B)[point][c] (A dy A^T)[point][o], the gradient with respect to
// the filters as points. du: [parts, 36, channels, panels, TILE_N]; in: [images, in_h, in_w, channels]; dy: [images, out_h,
// out_w, outputs]; scratch: [items, item_scratch], for V [6][block_tiles][channels] and dM [6][group_panels][block_tiles]
// [TILE_N].
// Global ids: (`item_rows` of the 6 rows of points, group of `group_panels` panels of outputs, part of `part_tiles` tiles).
// A work-item goes through its tiles in blocks of `block_tiles`, and for each through its rows, so that V and dM stay near
// the core. One row to an item keeps its sums near, too; all rows read images and results from memory once only.
WINOGRAD_KERNEL void winograd_grad_filter(__global float *du, __global const float *in, __global const float *dy,
                                          __global float *scratch, SIZES, int part_tiles, int block_tiles,
                                          int group_panels, int item_rows, long item_scratch) {
  int part = get_global_id(2), group_id = get_global_id(1), row_id = get_global_id(0);
  int from = part * part_tiles, to = min(from + part_tiles, images * tiles_h * tiles_w);
  int panels = (outputs + TILE_N - 1) / TILE_N, panel = group_id * group_panels;
  int group = min(group_panels, panels - panel), pitch = panels * TILE_N;
  int v_pitch = ROUND_UP(channels, LANES), m_panel = block_tiles * TILE_N;
  long v_size = (long)block_tiles * v_pitch + GAP, m_size = (long)group_panels * m_panel + GAP;
  long in_size = (long)in_h * in_w * channels, out_size = (long)out_h * out_w * outputs;
  __global float *v = scratch + ((part * get_global_size(1) + group_id) * get_global_size(0) + row_id) * item_scratch;
  __global float *m = v + POINTS * v_size;
  for (int first = from; first < to; first += block_tiles) {
    int tiles = min(block_tiles, to - first);
    for (int row = row_id * item_rows; row < (row_id + 1) * item_rows; row++) {
      for (int t = 0, run; t < tiles; t += run) {
        int tile = first + t, n = tile / tiles_w / tiles_h;
        int y = tile / tiles_w % tiles_h * OUT, x = tile % tiles_w * OUT, y0 = y - pad_h, x0 = x - pad_w;
        run = min(min(tiles - t, tiles_w - tile % tiles_w), RUN);
        row_sum patches = {0}, results = {0};
        for (int k = max(0, -y0); k < min(POINTS, in_h - y0); k++)
          add_row(&patches, (long)k * in_w * channels, patch_matrix[row][k]);
        for (int k = 0; k < min(OUT, out_h - y); k++)
          add_row(&results, (long)k * out_w * outputs, row == POINTS - 1 ? k == OUT - 1 : powers[row][k]);
        long in_from = n * in_size + (long)y0 * in_w * channels, out_from = n * out_size + (long)y * out_w * outputs;
        patch_row(v + t * v_pitch, v_size, v_pitch, run, &patches, in + in_from, images * in_size - in_from, x0, in_w,
                  channels);
        for (int p = 0; p < group; p++)
          result_row(m + p * m_panel + t * TILE_N, m_size, run, &results, dy + out_from, images * out_size - out_from, x,
                     out_w, outputs, (panel + p) * TILE_N);
      }
      __global float *sums = du + ((long)part * POINTS + row) * POINTS * channels * pitch + panel * TILE_N;
      for (int k = 0; k < POINTS; k++)
        for (int p = 0; p < group; p++)
          for (int c = 0; c < channels; c += TILE_M)
            multiply(sums + ((long)k * channels + c) * pitch + p * TILE_N, pitch, channels - c, v + k * v_size + c, v_pitch,
                     m + k * m_size + p * m_panel, tiles, first > from);
    }
  }
}

// dfilter[.][.][c][o] = (G^T du[.][c][o] G), du summed over its parts in order.
// dfilter: [TAPS, TAPS, channels, outputs]; du: winograd_grad_filter's result, of `parts` parts.
// Global id: block of `item_channels` channels.
WINOGRAD_KERNEL void winograd_grad_filter_end(__global float *dfilter, __global const float *du, int channels, int outputs,
                                              int parts, int item_channels) {
  int from = get_global_id(0) * item_channels, to = min(from + item_channels, channels);
  int pitch = ROUND_UP(outputs, TILE_N);
  long point_size = (long)channels * pitch, tap_size = (long)channels * outputs;
  for (int c = from; c < to; c++)
    for (int o = 0; o < outputs; o += LANES) {
      vec half_done[TAPS][POINTS];
#pragma unroll
      for (int x = 0; x < POINTS; x++) {
        vec points[POINTS], column[TAPS];
#pragma unroll
        for (int y = 0; y < POINTS; y++) {
          __global const float *at = du + (y * POINTS + x) * point_size + (long)c * pitch + o;
          points[y] = *(__global const vec *)at;
          for (int p = 1; p < parts; p++) points[y] += *(__global const vec *)(at + p * POINTS * POINTS * point_size);
        }
        scale_points(points);
        from_points(column, points, TAPS);
#pragma unroll
        for (int y = 0; y < TAPS; y++) half_done[y][x] = column[y];
      }
#pragma unroll
      for (int y = 0; y < TAPS; y++) {
        vec row[TAPS];
        scale_points(half_done[y]);
        from_points(row, half_done[y], TAPS);
#pragma unroll
        for (int x = 0; x < TAPS; x++)
          store(dfilter + (y * TAPS + x) * tap_size + (long)c * outputs + o, row[x], outputs - o);
      }
    }
}

#endif
