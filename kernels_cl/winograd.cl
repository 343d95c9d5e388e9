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
// Global ids: (panel, block of `item_channels` channels). Local size 1.
WINOGRAD_KERNEL void winograd_filter(__global float *u, __global const float *filter, int channels, int outputs, int flip,
                                     int item_channels) {
  int panels = get_global_size(0), panel = get_global_id(0);
  int from = get_global_id(1) * item_channels, to = min(from + item_channels, channels);
  long tap_size = (long)channels * outputs, point_size = (long)panels * channels * TILE_N;
  for (int c = from; c < to; c++)
    for (int v = 0; v < TILE_V; v++) {
      int o = panel * TILE_N + v * LANES, count = min(LANES, outputs - o);
      vec g[TAPS][TAPS], half_done[TAPS][POINTS];
      for (int tap = 0; tap < TAPS * TAPS; tap++) {
        vec value = (vec)(0.0f);
        if (flip) {
          __global const float *at = filter + (TAPS * TAPS - 1 - tap) * tap_size + (long)o * channels + c;
          float gathered[LANES] __attribute__((aligned(64)));
          for (int i = 0; i < LANES; i++) gathered[i] = i < count ? at[(long)i * channels] : 0.0f;
          value = *(vec *)gathered;
        } else if (count > 0) {
          value = load(filter + tap * tap_size + (long)c * outputs + o, count, count);
        }
        g[tap / TAPS][tap % TAPS] = value;
      }
#pragma unroll
      for (int y = 0; y < TAPS; y++) {
        to_points(half_done[y], g[y], TAPS);
        scale_points(half_done[y]);
      }
      __global float *target = u + ((long)panel * channels + c) * TILE_N + v * LANES;
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

// m[i][j] = sum_k v[i][k] u[k][j] for a register tile, of which `rows` rows count; rows are `pitch` apart.
// Not inlined, for then some compilers keep the sums in memory for the sake of what surrounds it.
__attribute__((noinline)) static void multiply(__global float *m, int m_pitch, __global const float *v, int v_pitch,
                                               int rows, __global const float *u, int steps) {
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
      for (int j = 0; j < TILE_V; j++) ((__global vec *)(m + i * m_pitch))[j] = sum[i][j];
    }
}

// Writes `channels` channels of one patch as points: v[point * point_size + c]. The patch begins at (y0, x0), which may be
// outside the image; `room` elements can be read from `image` on.
static inline void transform_patch(__global float *v, long point_size, __global const float *image, long room, int y0,
                                   int x0, int in_h, int in_w, int channels) {
  int low_y = max(0, -y0), high_y = min(POINTS, in_h - y0), low_x = max(0, -x0), high_x = min(POINTS, in_w - x0);
  int inside = low_y == 0 && high_y == POINTS && low_x == 0 && high_x == POINTS;
  long origin = ((long)y0 * in_w + x0) * channels;
  for (int c = 0; c < channels; c += LANES) {
    vec d[POINTS][POINTS], p[POINTS][POINTS];
    int count = min(LANES, channels - c);
    if (inside) {
#pragma unroll
      for (int x = 0; x < POINTS; x++)
#pragma unroll
        for (int y = 0; y < POINTS; y++) {
          long at = origin + ((long)y * in_w + x) * channels + c;
          d[x][y] = load(image + at, count, room - at);
        }
    } else {
#pragma unroll
      for (int i = 0; i < POINTS * POINTS; i++) d[i / POINTS][i % POINTS] = (vec)(0.0f);
      for (int x = low_x; x < high_x; x++)
        for (int y = low_y; y < high_y; y++) {
          long at = origin + ((long)y * in_w + x) * channels + c;
          d[x][y] = load(image + at, count, room - at);
        }
    }
#pragma unroll
    for (int x = 0; x < POINTS; x++) patch_points(p[x], d[x]);
#pragma unroll
    for (int y = 0; y < POINTS; y++) {
      vec row[POINTS], points[POINTS];
#pragma unroll
      for (int x = 0; x < POINTS; x++) row[x] = p[x][y];
      patch_points(points, row);
#pragma unroll
      for (int x = 0; x < POINTS; x++) *(__global vec *)(v + (y * POINTS + x) * point_size + c) = points[x];
    }
  }
}

// Writes `count` outputs of one tile: of its positions those in the image that are `rows` x `columns`.
static inline void transform_product(__global float *out, int pitch_y, int pitch_x, int rows, int columns, int count,
                                     __global const float *m, long point_size) {
  for (int o = 0; o < count; o += LANES) {
    vec half_done[OUT][POINTS];
#pragma unroll
    for (int x = 0; x < POINTS; x++) {
      vec points[POINTS], column[OUT];
#pragma unroll
      for (int y = 0; y < POINTS; y++) points[y] = *(__global const vec *)(m + (y * POINTS + x) * point_size + o);
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
// scratch: [items, item_scratch], for V [36][block_tiles][channels] and M [36][block_tiles][group_panels][TILE_N].
// Global id: `item_tiles` tiles, of which `block_tiles` are computed at a time, and of their outputs `group_panels` panels,
// so that a block's patches are transformed once and its products are still near when they are transformed back.
WINOGRAD_KERNEL void winograd_conv(__global float *out, __global const float *in, __global const float *u,
                                   __global float *scratch, SIZES, int item_tiles, int block_tiles, int group_panels,
                                   long item_scratch) {
  int item = get_global_id(0), from = item * item_tiles, to = min(from + item_tiles, images * tiles_h * tiles_w);
  int v_pitch = ROUND_UP(channels, LANES), m_pitch = group_panels * TILE_N, panels = (outputs + TILE_N - 1) / TILE_N;
  long v_size = (long)block_tiles * v_pitch + GAP, m_size = (long)block_tiles * m_pitch + GAP;
  long image_size = (long)in_h * in_w * channels, u_panel = (long)channels * TILE_N;
  __global float *v = scratch + item * item_scratch, *m = v + POINTS * POINTS * v_size;
  for (int first = from; first < to; first += block_tiles) {
    int tiles = min(block_tiles, to - first);
    for (int t = 0; t < tiles; t++) {
      int tile = first + t, x = tile % tiles_w, y = tile / tiles_w % tiles_h, n = tile / tiles_w / tiles_h;
      transform_patch(v + t * v_pitch, v_size, in + n * image_size, (images - n) * image_size, y * OUT - pad_h,
                      x * OUT - pad_w, in_h, in_w, channels);
    }
    for (int panel = 0; panel < panels; panel += group_panels) {
      int group = min(group_panels, panels - panel), o = panel * TILE_N;
      for (int point = 0; point < POINTS * POINTS; point++)
        for (int p = 0; p < group; p++)
          for (int t = 0; t < tiles; t += TILE_M)
            multiply(m + point * m_size + t * m_pitch + p * TILE_N, m_pitch, v + point * v_size + t * v_pitch, v_pitch,
                     tiles - t, u + ((long)point * panels + panel + p) * u_panel, channels);
      for (int t = 0; t < tiles; t++) {
        int tile = first + t, x = tile % tiles_w * OUT, y = tile / tiles_w % tiles_h * OUT, n = tile / tiles_w / tiles_h;
        transform_product(out + (((long)n * out_h + y) * out_w + x) * outputs + o, out_w * outputs, outputs, out_h - y,
                          out_w - x, min(group * TILE_N, outputs - o), m + t * m_pitch, m_size);
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

// x[k] = the sum of rows at pixel k, zero outside [low, high), for one vector of channels. `from` is where the first row's
// pixel 0 has it, `room` elements can be read from there, and pixels are `pitch` apart.
static inline void sum_rows(vec *x, int n, const row_sum *sum, __global const float *from, long room, int pitch, int low,
                            int high, int count) {
#pragma unroll
  for (int k = 0; k < n; k++) x[k] = (vec)(0.0f);
  for (int r = 0; r < sum->count; r++) {
    vec factor = (vec)(sum->factor[r]);
#pragma unroll
    for (int k = 0; k < n; k++)
      if (k >= low && k < high) {
        long at = sum->offset[r] + (long)k * pitch;
        x[k] += factor * load(from + at, count, room - at);
      }
  }
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

// du[part][point][c][o] = sum over a part's tiles of (B^T d B)[point][c] (A dy A^T)[point][o], the gradient with respect to
// the filters as points. du: [parts, 36, channels, panels, TILE_N]; in: [images, in_h, in_w, channels]; dy: [images, out_h,
// out_w, outputs]; scratch: [parts, groups of panels, 6, item_scratch], for V [6][block_tiles][channels] and dM
// [6][group_panels][block_tiles][TILE_N].
// Global ids: (row of 6 points, group of `group_panels` panels of outputs, part of `part_tiles` tiles). A work-item needs
// one row of points only, so that its sums stay near the core; it goes through its tiles in blocks of `block_tiles`.
WINOGRAD_KERNEL void winograd_grad_filter(__global float *du, __global const float *in, __global const float *dy,
                                          __global float *scratch, SIZES, int part_tiles, int block_tiles,
                                          int group_panels, long item_scratch) {
  int row = get_global_id(0), part = get_global_id(2);
  int from = part * part_tiles, to = min(from + part_tiles, images * tiles_h * tiles_w);
  int panels = (outputs + TILE_N - 1) / TILE_N, panel = get_global_id(1) * group_panels;
  int group = min(group_panels, panels - panel), pitch = panels * TILE_N;
  int v_pitch = ROUND_UP(channels, LANES), m_panel = block_tiles * TILE_N;
  long v_size = (long)block_tiles * v_pitch + GAP, m_size = (long)group_panels * m_panel + GAP;
  long in_size = (long)in_h * in_w * channels, out_size = (long)out_h * out_w * outputs;
  __global float *v = scratch + ((part * get_global_size(1) + get_global_id(1)) * POINTS + row) * item_scratch;
  __global float *m = v + POINTS * v_size;
  du += ((long)part * POINTS + row) * POINTS * channels * pitch;
  for (int first = from; first < to; first += block_tiles) {
    int tiles = min(block_tiles, to - first);
    for (int t = 0; t < tiles; t++) {
      int tile = first + t, n = tile / tiles_w / tiles_h;
      int y = tile / tiles_w % tiles_h * OUT, x = tile % tiles_w * OUT, y0 = y - pad_h, x0 = x - pad_w;
      row_sum sum = {0};
      for (int k = max(0, -y0); k < min(POINTS, in_h - y0); k++)
        add_row(&sum, (long)k * in_w * channels, patch_matrix[row][k]);
      long origin = ((long)y0 * in_w + x0) * channels + n * in_size, room = images * in_size - origin;
      for (int c = 0; c < channels; c += LANES) {
        vec values[POINTS], points[POINTS];
        sum_rows(values, POINTS, &sum, in + origin + c, room - c, channels, -x0, in_w - x0, channels - c);
        patch_points(points, values);
#pragma unroll
        for (int k = 0; k < POINTS; k++) *(__global vec *)(v + k * v_size + t * v_pitch + c) = points[k];
      }
      sum.count = 0;
      for (int k = 0; k < min(OUT, out_h - y); k++)
        add_row(&sum, (long)k * out_w * outputs, row == POINTS - 1 ? k == OUT - 1 : powers[row][k]);
      origin = ((long)y * out_w + x) * outputs + n * out_size, room = images * out_size - origin;
      for (int o = 0; o < group * TILE_N; o += LANES) {
        vec values[OUT], points[POINTS];
        int at = panel * TILE_N + o;
        sum_rows(values, OUT, &sum, dy + origin + at, room - at, outputs, 0, at < outputs ? out_w - x : 0, outputs - at);
        to_points(points, values, OUT);
        __global float *target = m + o / TILE_N * m_panel + t * TILE_N + o % TILE_N;
#pragma unroll
        for (int k = 0; k < POINTS; k++) *(__global vec *)(target + k * m_size) = points[k];
      }
    }
    for (int k = 0; k < POINTS; k++)
      for (int p = 0; p < group; p++)
        for (int c = 0; c < channels; c += TILE_M)
          multiply(du + ((long)k * channels + c) * pitch + (panel + p) * TILE_N, pitch, channels - c, v + k * v_size + c,
                   v_pitch, m + k * m_size + p * m_panel, tiles, first > from);
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
