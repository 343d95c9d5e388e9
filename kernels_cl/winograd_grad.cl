// The gradient of a convolution with respect to its filter by Winograd's minimal filtering: with V = B^T d B of each tile's
// patch and dM = A dy A^T of its results' gradients,
//   dfilter = G^T [sum over tiles V * dM] G,
// a product of matrices [channels, tiles] x [tiles, outputs] for each pair of points. winograd.clh has the notation and the
// build constants.

#include "winograd.clh"

#if POINTS == 8
__constant float patch_matrix[POINTS][POINTS] = {  // B^T
    {1, 0, -5.25f, 0, 5.25f, 0, -1, 0},           {0, 1, 1, -4.25f, -4.25f, 1, 1, 0},
    {0, -1, 1, 4.25f, -4.25f, -1, 1, 0},          {0, 0.5f, 0.25f, -2.5f, -1.25f, 2, 1, 0},
    {0, -0.5f, 0.25f, 2.5f, -1.25f, -2, 1, 0},    {0, 2, 4, -2.5f, -5, 0.5f, 1, 0},
    {0, -2, 4, 2.5f, -5, -0.5f, 1, 0},            {0, -1, 0, 5.25f, 0, -5.25f, 0, 1},
};
__constant float powers[POINTS][6] = {  // P_6
    {1, 0, 0, 0, 0, 0},
    {1, 1, 1, 1, 1, 1},
    {1, -1, 1, -1, 1, -1},
    {1, 2, 4, 8, 16, 32},
    {1, -2, 4, -8, 16, -32},
    {1, 0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f},
    {1, -0.5f, 0.25f, -0.125f, 0.0625f, -0.03125f},
    {0, 0, 0, 0, 0, 0},
};
#else
__constant float patch_matrix[POINTS][POINTS] = {  // B^T
    {4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
    {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1},
};
__constant float powers[POINTS][4] = {  // P_4
    {1, 0, 0, 0}, {1, 1, 1, 1}, {1, -1, 1, -1}, {1, 2, 4, 8}, {1, -2, 4, -8}, {0, 0, 0, 0},
};
#endif

// Rows of an image in a sum, at most.
#define PATCH_ROWS (POINTS - 2)
#define MOST_ROWS (PATCH_ROWS > OUT ? PATCH_ROWS : OUT)

// A sum of rows of an image: how far the rows are from the first, in elements, and what they are multiplied by.
typedef struct {
  int count;
  long offset[MOST_ROWS];
  float factor[MOST_ROWS];
} row_sum;

static inline void add_row(row_sum *sum, long offset, float factor) {
  if (factor != 0) {
    sum->offset[sum->count] = offset;
    sum->factor[sum->count++] = factor;
  }
}

// Fills the sum up to `rows` rows with the first one times zero, so that sums of whole vectors have a fixed length.
static inline void fill_rows(row_sum *sum, int rows) {
  for (int r = sum->count; r < rows; r++) sum->offset[r] = sum->offset[0], sum->factor[r] = 0.0f;
}

// The sums of a vector of channels, c on, for `number` pixels beside each other, zero outside the image, whose pixel x0, which
// may be outside, is the first; `room` elements can be read from `image` on. `rows` is what the sum is filled up to.
static inline void sum_pixels(vec *pixels, int number, const row_sum *sum, int rows, __global const float *image, long room,
                              int x0, int width, int channels, int c) {
  int low = clamp(-x0, 0, number), high = clamp(width - x0, low, number), k = low;
  for (int i = 0; i < low; i++) pixels[i] = (vec)(0.0f);
  for (int i = high; i < number; i++) pixels[i] = (vec)(0.0f);
  image += (long)x0 * channels + c, room -= (long)x0 * channels + c;
  if (sum->count && sum->offset[sum->count - 1] + (long)(high - 1) * channels + LANES <= room) {
    __global const float *row[MOST_ROWS];
    vec factor[MOST_ROWS];
#pragma unroll
    for (int r = 0; r < rows; r++) row[r] = image + sum->offset[r], factor[r] = (vec)(sum->factor[r]);
    for (; k < high; k++) {
      vec value = factor[0] * *(__global const vec_u *)(row[0] + k * channels);
#pragma unroll
      for (int r = 1; r < rows; r++) value += factor[r] * *(__global const vec_u *)(row[r] + k * channels);
      pixels[k] = value;
    }
  }
  for (; k < high; k++) {
    vec value = (vec)(0.0f);
    for (int r = 0; r < sum->count; r++) {
      long at = sum->offset[r] + (long)k * channels;
      value += sum->factor[r] * load(image + at, channels - c, room - at);
    }
    pixels[k] = value;
  }
}

// Steps of t beside each other; as few as in tile.clh, and for the same reason.
#define UNROLL (LANES >= 16 ? 2 : 8)
#define STEP                                                                                          \
  {                                                                                                   \
    vec factor[TILE_V];                                                                               \
    _Pragma("unroll") for (int j = 0; j < TILE_V; j++) factor[j] = ((__global const vec *)m)[j];      \
    _Pragma("unroll") for (int i = 0; i < TILE_M; i++) {                                              \
      vec value = (vec)(v[i]);                                                                        \
      _Pragma("unroll") for (int j = 0; j < TILE_V; j++) sum[i][j] += value * factor[j];              \
    }                                                                                                 \
    v += v_pitch, m += TILE_N;                                                                        \
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
  int t = 0;
  for (; t + UNROLL <= steps; t += UNROLL) {
#pragma unroll
    for (int s = 0; s < UNROLL; s++) STEP
  }
  for (; t < steps; t++) STEP
#pragma unroll
  for (int i = 0; i < TILE_M; i++)
    if (i < rows) {
      __global vec *to = (__global vec *)(c + (long)i * pitch);
#pragma unroll
      for (int j = 0; j < TILE_V; j++) to[j] = add ? to[j] + sum[i][j] : sum[i][j];
    }
}

// Writes one row of points of the patches of `run` tiles beside each other: v[x * point_size + tile * pitch + c], from the
// sums of the patches' rows; `image`, `room` and x0 as in sum_pixels.
static inline void patch_row(__global float *v, long point_size, int pitch, int run, const row_sum *sum,
                             __global const float *image, long room, int x0, int in_w, int channels) {
  vec pixels[RUN * OUT + TAPS - 1];
  for (int c = 0; c < channels; c += LANES, v += LANES) {
    sum_pixels(pixels, (run - 1) * OUT + POINTS, sum, PATCH_ROWS, image, room, x0, in_w, channels, c);
    for (int t = 0; t < run; t++) {
      vec points[POINTS];
      patch_points(points, pixels + t * OUT);
#pragma unroll
      for (int k = 0; k < POINTS; k++) *(__global vec *)(v + k * point_size + t * pitch) = points[k];
    }
  }
}

// The same of dy for the outputs of one panel from `first` on, zero beyond the last: m[x * point_size + tile * TILE_N + j].
static inline void result_row(__global float *m, long point_size, int run, const row_sum *sum, __global const float *dy,
                              long room, int x0, int out_w, int outputs, int first) {
  vec pixels[RUN * OUT];
  for (int j = 0; j < TILE_N; j += LANES) {
    if (first + j < outputs) sum_pixels(pixels, run * OUT, sum, OUT, dy, room, x0, out_w, outputs, first + j);
    else
      for (int k = 0; k < run * OUT; k++) pixels[k] = (vec)(0.0f);
    for (int t = 0; t < run; t++) {
      vec points[POINTS];
      to_points(points, pixels + t * OUT, OUT);
#pragma unroll
      for (int k = 0; k < POINTS; k++) *(__global vec *)(m + k * point_size + t * TILE_N + j) = points[k];
    }
  }
}

// du[part][point][c][o] = sum over a part's tiles of (B^T d B)[point][c] (A dy A^T)[point][o], the gradient with respect to
// the filters as points. du: [parts, points, channels, panels, TILE_N]; in: [images, in_h, in_w, channels]; dy: [images,
// out_h, out_w, outputs]; scratch: [items, item_scratch], for V [POINTS][block_tiles][channels] and dM [POINTS]
// [group_panels][block_tiles][TILE_N].
// Global ids: (`item_rows` of the rows of points, group of `group_panels` panels of outputs, part of `part_tiles` tiles).
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
        fill_rows(&patches, PATCH_ROWS);
        fill_rows(&results, OUT);
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
