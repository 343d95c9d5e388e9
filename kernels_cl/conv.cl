// Convolutions over two or three dimensions and their gradients, channels last, as products of matrices whose left factor
// is gathered from the image while it is packed.
//
// Sizes named by VOLUME are (depth, height, width); depth is 1 for images. With p = (image, z, y, x) a position of the
// grid, j = (jd, jh, jw) a tap and c a channel, the gathered matrix is
//   patch[p][j, c] = in[image][z * stride - pad + jd * dilation][...][...][c], zero outside the image.
//   conv               out[p] = sum_jc patch[p][j, c] filter[j, c]
//   conv, FLIP         the gradient with respect to the image: `in` is dy, taps run backwards, filters are transposed.
//                      With strides there is one launch per residue of the image's positions, each a product with the
//                      taps that reach them.
//   conv_grad_filter   dfilter[j, c] = sum_p patch[p][j, c] dy[p]
//
// On CPUs conv_direct.cl serves images of few channels.
//
// Build constants besides those of tile.clh: FLIP, GRAD_FILTER (defined or not) choose the kernel; with A_IN_PLACE conv reads
// patches from the image where they are, and packs only what reaches beside it.

#ifdef GRAD_FILTER
#define A_BY_COLUMNS
#endif
#include "tile.clh"
#include "conv.clh"

#ifdef FLIP
// Where a tap's filter lies: taps run backwards through those of the kernel, from tap_from in steps of tap_step.
#define FILTER_PARAMETERS , VOLUME(taps_all), VOLUME(tap_from), VOLUME(tap_step)
#define FILTER_TAP(jd, jh, jw)                                                                         \
  (((tap_from_d + (taps_d - 1 - (jd)) * tap_step_d) * taps_all_h + tap_from_h +                        \
    (taps_h - 1 - (jh)) * tap_step_h) * taps_all_w + tap_from_w + (taps_w - 1 - (jw)) * tap_step_w)
#else
#define FILTER_PARAMETERS
#endif

#ifndef GROUP

// A piece of memory that patches are made of: a row of taps with their channels where the dilation along it is 1, else one
// tap's channels, or what of them belongs to the block being packed.
typedef struct {
  int place;      // where it goes in the packed patch
  int size;       // elements
  int low;        // where it starts in its whole row of taps
  int z, y, x;    // its displacement from the patch's origin
  int offset;     // the same in elements, with `low`
} patch_piece;

// Lists the pieces of elements [from, to) of a patch (counted as (tap, channel)); returns their number.
static inline int patch_pieces(__local patch_piece *piece, int from, int to, int channels, int in_h, int in_w, int taps_h,
                               int taps_w, VOLUME(dilation)) {
  int joined = dilation_w == 1 ? taps_w : 1, run = joined * channels, pieces = 0;
  for (int at = from; at < to; pieces++, piece++) {
    int index = at / run, jw = joined > 1 ? 0 : index % taps_w, jh = joined > 1 ? index : index / taps_w;
    piece->place = at - from;
    piece->low = at % run;
    piece->size = min(run - piece->low, to - at);
    piece->z = jh / taps_h * dilation_d;
    piece->y = jh % taps_h * dilation_h;
    piece->x = jw * dilation_w;
    piece->offset = ((piece->z * in_h + piece->y) * in_w + piece->x) * channels + piece->low;
    at += piece->size;
  }
  return pieces;
}

// Where a patch begins: its origin's coordinates, which may be outside the image, the origin as an element of the images,
// and whether the whole patch is inside.
typedef struct {
  long origin;
  int z, y, x, inside;
} patch_place;

// Lists the places of the patches of positions [from, to) of the grid.
static inline void patch_places(__local patch_place *place, int from, int to, int channels, VOLUME(in), VOLUME(grid),
                                VOLUME(taps), VOLUME(stride), VOLUME(pad), VOLUME(dilation)) {
  int last_z = in_d - 1 - (taps_d - 1) * dilation_d, last_y = in_h - 1 - (taps_h - 1) * dilation_h;
  int last_x = in_w - 1 - (taps_w - 1) * dilation_w;
  int x = from % grid_w, y = from / grid_w % grid_h, z = from / grid_w / grid_h % grid_d, n = from / grid_w / grid_h / grid_d;
  for (int p = from; p < to; p++, place++) {
    int z0 = z * stride_d - pad_d, y0 = y * stride_h - pad_h, x0 = x * stride_w - pad_w;
    place->origin = ((((long)n * in_d + z0) * in_h + y0) * in_w + x0) * channels;
    place->z = z0, place->y = y0, place->x = x0;
    place->inside = z0 >= 0 && z0 <= last_z && y0 >= 0 && y0 <= last_y && x0 >= 0 && x0 <= last_x;
    NEXT_POSITION(n, z, y, x)
  }
}

// Packs the pieces of the patch at `place` in the image `in`, which has `in_size` elements.
static inline void patch_pack(__local T *to, __global const T *in, long in_size, __local const patch_place *place,
                              __local const patch_piece *piece, int pieces, int channels, VOLUME(in)) {
  long origin = place->origin;
  if (place->inside) {
    for (int p = 0; p < pieces; p++) {
      long source = origin + piece[p].offset;
      tile_copy(to + piece[p].place, in + source, piece[p].size, in_size - source);
    }
    return;
  }
  for (int p = 0; p < pieces; p++) {
    int iz = place->z + piece[p].z, iy = place->y + piece[p].y, ix = place->x + piece[p].x;
    int low = piece[p].low, high = low + piece[p].size;
    int first = max(low, -ix * channels), last = min(high, (in_w - ix) * channels);
    __local T *target = to + piece[p].place - low;
    if (iz < 0 || iz >= in_d || iy < 0 || iy >= in_h || first >= last) {
      tile_clear(target + low, high - low);
      continue;
    }
    if (first > low) tile_clear(target + low, first - low);
    long source = origin + piece[p].offset + first - low;
    tile_copy(target + first, in + source, last - first, in_size - source);
    if (last < high) tile_clear(target + last, high - last);
  }
}

#ifdef A_IN_PLACE
// A run has 32 elements or more (SHORT_RUN of ops/conv_launch.py), but where a block begins or ends in one.
#define MOST_RUNS (CHUNK / 32 + 2)

// Lists the pieces of `rows` patches as runs of a register tile; returns their number. Pieces that are all zero are left out,
// and rows that fill the tile repeat the last one. Of `zeros` there are as many as a run has steps.
static inline int patch_runs(__private tile_run *run, __local T *packed, __local const T *zeros, __global const T *in,
                             long in_size, __local const patch_place *place, int rows, __local const patch_piece *piece,
                             int pieces, int channels, VOLUME(in)) {
  int runs = 0, skipped = 0;
  for (int p = 0; p < pieces; p++) {
    int size = piece[p].size, low = piece[p].low, some = 0;
    for (int i = 0; i < rows; i++) {
      long source = place[i].origin + piece[p].offset;
      int iz = place[i].z + piece[p].z, iy = place[i].y + piece[p].y, ix = place[i].x + piece[p].x;
      int first = max(low, -ix * channels), last = min(low + size, (in_w - ix) * channels);
      if (place[i].inside || (iz >= 0 && iz < in_d && iy >= 0 && iy < in_h && last - first == size)) {
        run[runs].row[i] = TILE_PLACE(in + source), some = 1;
      } else if (iz < 0 || iz >= in_d || iy < 0 || iy >= in_h || first >= last) {
        run[runs].row[i] = TILE_PLACE(zeros);
      } else {
        patch_pack(packed + A_AT(i, 0), in, in_size, place + i, piece + p, 1, channels, in_d, in_h, in_w);
        run[runs].row[i] = TILE_PLACE(packed + A_AT(i, piece[p].place)), some = 1;
      }
    }
    if (!some) {
      skipped += size;
      continue;
    }
    for (int i = rows; i < TILE_M; i++) run[runs].row[i] = run[runs].row[rows - 1];
    run[runs].skipped = skipped, run[runs].steps = size;
    runs++, skipped = 0;
  }
  return runs;
}
#endif

#ifndef GRAD_FILTER

// out[image][z * out_step + out_from][...][...][o] = sum_jc patch[p][j, c] filter[j, c][o].
// out: [images, out volume, outputs]; in: [images, in volume, channels];
// filter: [taps, channels, outputs], with FLIP [taps_all, outputs, channels].
// Global ids: (block of `item_cols` outputs, block of `item_rows` positions). Local size 1: a work-item is a core's share;
// it packs its part of the filter chunk by chunk and the patches of ROW_TILES tiles at a time.
TILE_KERNEL void conv(
    __global T *out, __global const T *in, __global const T *filter, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(out), VOLUME(out_step), VOLUME(out_from), VOLUME(taps), VOLUME(stride), VOLUME(pad),
    VOLUME(dilation) FILTER_PARAMETERS, int item_rows, int item_cols, int chunk FINISH_PARAMETERS) {
  __local T a_block[A_BLOCK] __attribute__((aligned(64)));
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
  __local size_t row[4 * ROW_TILES * TILE_M];
  __local patch_place place[4 * ROW_TILES * TILE_M];
  __local patch_piece piece[CHUNK];
  int positions = images * grid_d * grid_h * grid_w;
  int from_m = get_global_id(1) * item_rows, to_m = min(from_m + item_rows, positions);
  int from_n = get_global_id(0) * item_cols, cols = min(item_cols, outputs - from_n);
  int k = taps_d * taps_h * taps_w * channels;
  long in_size = (long)images * in_d * in_h * in_w * channels;
  size_t filter_size = (size_t)k * outputs;
  patch_places(place, from_m, to_m, channels, in_d, in_h, in_w, grid_d, grid_h, grid_w, taps_d, taps_h, taps_w, stride_d,
               stride_h, stride_w, pad_d, pad_h, pad_w, dilation_d, dilation_h, dilation_w);
  int x = from_m % grid_w, y = from_m / grid_w % grid_h, z = from_m / grid_w / grid_h % grid_d;
  int n = from_m / grid_w / grid_h / grid_d;
  for (int i = 0; i < to_m - from_m; i++) {
    row[i] = ((((size_t)n * out_d + z * out_step_d + out_from_d) * out_h + y * out_step_h + out_from_h) * out_w +
              x * out_step_w + out_from_w) * outputs;
    NEXT_POSITION(n, z, y, x)
  }
  tile_ahead ahead = {0};
#ifdef A_IN_PLACE
  __local T *zeros = a_block + A_AT(TILE_M, 0);
  tile_clear(zeros, CHUNK);
  tile_run run[MOST_RUNS];
#endif
  int k0 = 0;
  do {
    int steps = min(chunk, k - k0);
#ifdef FLIP
    for (int at = k0; at < k0 + steps;) {
      int tap = at / channels, c = at % channels, count = min(channels - c, k0 + steps - at);
      size_t source = FILTER_TAP(tap / taps_w / taps_h, tap / taps_w % taps_h, tap % taps_w);
      tile_pack_columns(b_block + (at - k0) * TILE_N, filter + (source * outputs + from_n) * channels + c, channels, count,
                        cols, steps * TILE_N);
      at += count;
    }
#else
    size_t b_at = (size_t)k0 * outputs + from_n;
    tile_pack_rows(b_block, filter + b_at, outputs, steps, cols, steps * TILE_N, filter_size - b_at);
#endif
    int pieces = patch_pieces(piece, k0, k0 + steps, channels, in_h, in_w, taps_h, taps_w, dilation_d, dilation_h, dilation_w);
#ifdef A_IN_PLACE
    for (int m0 = 0; m0 < to_m - from_m; m0 += TILE_M) {
      int rows = min(TILE_M, to_m - from_m - m0);
      int runs = patch_runs(run, a_block, zeros, in, in_size, place + m0, rows, piece, pieces, channels, in_d, in_h, in_w);
      tile_block(out, row + m0, from_n, rows, cols, run, runs, b_block, steps * TILE_N, steps, k0 > 0, k0 + chunk >= k,
                 &ahead, 0 FINISH_ARGUMENTS);
    }
#else
    for (int m0 = 0; m0 < to_m - from_m; m0 += ROW_TILES * TILE_M) {
      int rows = min(ROW_TILES * TILE_M, to_m - from_m - m0);
      for (int i = 0; i < rows; i++)
        patch_pack(a_block + A_AT(i, 0), in, in_size, place + m0 + i, piece, pieces, channels, in_d, in_h, in_w);
      tile_block(out, row + m0, from_n, rows, cols, a_block, 0, b_block, steps * TILE_N, steps, k0 > 0,
                 k0 + chunk >= k, &ahead, 0 FINISH_ARGUMENTS);
    }
#endif
    k0 += chunk;
  } while (k0 < k);
}

#else  // GRAD_FILTER

// dfilter[j, c][o] = sum_p patch[p][j, c] dy[p][o].
// dfilter: [parts, taps, channels, outputs]; in: [images, in volume, channels]; dy: [images, grid, outputs].
// Part i sums the positions from i * part_steps on.
// Global ids: (block of `item_cols` outputs, block of `item_rows` rows (tap, channel), part). Local size 1: a work-item is
// a core's share; it packs a chunk of dy once, and of the patches a column for each position, ROW_TILES tiles at a time.
TILE_KERNEL void conv_grad_filter(
    __global T *dfilter, __global const T *in, __global const T *dy, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(taps), VOLUME(stride), VOLUME(pad), VOLUME(dilation), int item_rows, int item_cols, int chunk,
    int part_steps FINISH_PARAMETERS) {
  __local T a_block[A_BLOCK] __attribute__((aligned(64)));
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
  __local size_t row[ROW_TILES * TILE_M];
  __local patch_place place[CHUNK];
  __local patch_piece piece[ROW_TILES * TILE_M];
  int positions = images * grid_d * grid_h * grid_w, height = taps_d * taps_h * taps_w * channels;
  int from_m = get_global_id(1) * item_rows, to_m = min(from_m + item_rows, height);
  int from_n = get_global_id(0) * item_cols, cols = min(item_cols, outputs - from_n);
  int from_p = get_global_id(2) * part_steps, to_p = min(from_p + part_steps, positions);
  long in_size = (long)images * in_d * in_h * in_w * channels;
  size_t dy_size = (size_t)positions * outputs;
  tile_ahead ahead = {0};
  dfilter += get_global_id(2) * height * outputs;
  for (int p0 = from_p; p0 < to_p; p0 += chunk) {
    int steps = min(chunk, to_p - p0);
    size_t b_at = (size_t)p0 * outputs + from_n;
    tile_pack_rows(b_block, dy + b_at, outputs, steps, cols, steps * TILE_N, dy_size - b_at);
    patch_places(place, p0, p0 + steps, channels, in_d, in_h, in_w, grid_d, grid_h, grid_w, taps_d, taps_h, taps_w, stride_d,
                 stride_h, stride_w, pad_d, pad_h, pad_w, dilation_d, dilation_h, dilation_w);
    for (int m0 = from_m; m0 < to_m; m0 += ROW_TILES * TILE_M) {
      int rows = min(ROW_TILES * TILE_M, to_m - m0);
      for (int i = 0; i < rows; i++) row[i] = (size_t)(m0 + i) * outputs;
      int pieces = patch_pieces(piece, m0, m0 + rows, channels, in_h, in_w, taps_h, taps_w, dilation_d, dilation_h, dilation_w);
      for (int k = 0; k < steps; k++)
        patch_pack(a_block + A_AT(0, k), in, in_size, place + k, piece, pieces, channels, in_d, in_h, in_w);
      tile_block(dfilter, row, from_n, rows, cols, a_block, 0, b_block, steps * TILE_N, steps, p0 > from_p,
                 p0 + chunk >= to_p, &ahead, 0 FINISH_ARGUMENTS);
    }
  }
}

#endif

#else  // GROUP

#ifndef GRAD_FILTER

// conv for GPUs. Local size (16, 16): a work-group makes GROUP_M positions by GROUP_N outputs from tiles of patches and
// filters in local memory. A work-item loads patches of the same REG_M positions throughout, whose coordinates it keeps in
// registers; what a step of k means is worked out once per tile by 16 work-items for all.
// Global ids: (tile of outputs * 16 + x, tile of positions * 16 + y).
__kernel __attribute__((reqd_work_group_size(16, 16, 1))) void conv_group(
    __global T *out, __global const T *in, __global const T *filter, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(out), VOLUME(out_step), VOLUME(out_from), VOLUME(taps), VOLUME(stride), VOLUME(pad),
    VOLUME(dilation) FILTER_PARAMETERS FINISH_PARAMETERS) {
  __local ACC a_tile[GROUP_K][GROUP_M + 1];
  __local ACC b_tile[GROUP_K][GROUP_N + 1];
  __local int step_z[GROUP_K], step_y[GROUP_K], step_x[GROUP_K], step_c[GROUP_K];
  __local size_t step_filter[GROUP_K];
  int x = get_local_id(0), y = get_local_id(1), id = y * 16 + x;
  int m0 = get_group_id(1) * GROUP_M, n0 = get_group_id(0) * GROUP_N;
  int positions = images * grid_d * grid_h * grid_w;
  int k = taps_d * taps_h * taps_w * channels;
  int row_n[A_STEPS], row_z[A_STEPS], row_y[A_STEPS], row_x[A_STEPS];
#pragma unroll
  for (int s = 0; s < A_STEPS; s++) {
    int p = min(m0 + id / 16 + 16 * s, positions - 1);
    row_x[s] = p % grid_w * stride_w - pad_w;
    row_y[s] = p / grid_w % grid_h * stride_h - pad_h;
    row_z[s] = p / grid_w / grid_h % grid_d * stride_d - pad_d;
    row_n[s] = p / grid_w / grid_h / grid_d;
  }
  ACC sum[REG_M][REG_N];
#pragma unroll
  for (int i = 0; i < REG_M; i++)
#pragma unroll
    for (int j = 0; j < REG_N; j++) sum[i][j] = 0;
  for (int k0 = 0; k0 < k; k0 += GROUP_K) {
    if (id < GROUP_K) {
      int tap = (k0 + id) / channels, c = (k0 + id) % channels;
      int jw = tap % taps_w, jh = tap / taps_w % taps_h, jd = tap / taps_w / taps_h;
      step_z[id] = jd * dilation_d, step_y[id] = jh * dilation_h, step_x[id] = jw * dilation_w, step_c[id] = c;
#ifdef FLIP
      step_filter[id] = (size_t)FILTER_TAP(jd, jh, jw) * outputs * channels + c;
#else
      step_filter[id] = (size_t)(k0 + id) * outputs;
#endif
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int s = 0; s < A_STEPS; s++) {
      int kk = id % 16, mm = id / 16 + 16 * s;
      int iz = row_z[s] + step_z[kk], iy = row_y[s] + step_y[kk], ix = row_x[s] + step_x[kk];
      bool inside = k0 + kk < k && iz >= 0 && iz < in_d && iy >= 0 && iy < in_h && ix >= 0 && ix < in_w;
      size_t at = ((((size_t)row_n[s] * in_d + iz) * in_h + iy) * in_w + ix) * channels + step_c[kk];
      a_tile[kk][mm] = inside ? (ACC)in[at] : (ACC)0;
    }
#pragma unroll
    for (int s = 0; s < B_STEPS; s++) {
      int e = id + 256 * s;
#ifdef FLIP
      int kk = e % GROUP_K, nn = e / GROUP_K;
      size_t at = step_filter[kk] + (size_t)(n0 + nn) * channels;
#else
      int kk = e / GROUP_N, nn = e % GROUP_N;
      size_t at = step_filter[kk] + n0 + nn;
#endif
      b_tile[kk][nn] = k0 + kk < k && n0 + nn < outputs ? (ACC)filter[at] : (ACC)0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    group_multiply(sum, a_tile, b_tile, x, y);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#pragma unroll
  for (int i = 0; i < REG_M; i++) {
    int p = m0 + y + 16 * i;
    if (p >= positions) continue;
    size_t at = ((size_t)(p / grid_w / grid_h / grid_d) * out_d + p / grid_w / grid_h % grid_d * out_step_d + out_from_d);
    at = (at * out_h + p / grid_w % grid_h * out_step_h + out_from_h) * out_w + p % grid_w * out_step_w + out_from_w;
#pragma unroll
    for (int j = 0; j < REG_N; j++) {
      int o = n0 + x + 16 * j;
      if (o < outputs) {
#ifdef FINISH
        T result = (T)sum[i][j];
        FINISH_SPAN(T, at * outputs, o, 1, &result)
#else
        out[at * outputs + o] = (T)sum[i][j];
#endif
      }
    }
  }
}

#else  // GRAD_FILTER

// conv_grad_filter for GPUs; dfilter is of type PART. Local size (16, 16): a work-group makes GROUP_M rows (tap, channel)
// by GROUP_N outputs; a work-item loads the same row of patches throughout; 16 work-items work out a tile's positions.
// Global ids: (tile of outputs * 16 + x, tile of rows * 16 + y, part).
__kernel __attribute__((reqd_work_group_size(16, 16, 1))) void conv_grad_filter_group(
    __global PART *dfilter, __global const T *in, __global const T *dy, int images, int channels, int outputs, VOLUME(in),
    VOLUME(grid), VOLUME(taps), VOLUME(stride), VOLUME(pad), VOLUME(dilation), int part_steps FINISH_PARAMETERS) {
  __local ACC a_tile[GROUP_K][GROUP_M + 1];
  __local ACC b_tile[GROUP_K][GROUP_N + 1];
  __local int at_n[GROUP_K], at_z[GROUP_K], at_y[GROUP_K], at_x[GROUP_K];
  int x = get_local_id(0), y = get_local_id(1), id = y * 16 + x;
  int m0 = get_group_id(1) * GROUP_M, n0 = get_group_id(0) * GROUP_N;
  int positions = images * grid_d * grid_h * grid_w;
  int rows = taps_d * taps_h * taps_w * channels;
  int from_p = get_global_id(2) * part_steps, to_p = min(from_p + part_steps, positions);
  dfilter += get_global_id(2) * rows * outputs;
  int mm = id % GROUP_M, m = m0 + mm, tap = m / channels, c = m % channels;
  int dx = tap % taps_w * dilation_w - pad_w, dh = tap / taps_w % taps_h * dilation_h - pad_h;
  int dz = tap / taps_w / taps_h * dilation_d - pad_d;
  ACC sum[REG_M][REG_N];
#pragma unroll
  for (int i = 0; i < REG_M; i++)
#pragma unroll
    for (int j = 0; j < REG_N; j++) sum[i][j] = 0;
  for (int p0 = from_p; p0 < to_p; p0 += GROUP_K) {
    if (id < GROUP_K) {
      int p = p0 + id;
      at_x[id] = p % grid_w * stride_w, at_y[id] = p / grid_w % grid_h * stride_h;
      at_z[id] = p / grid_w / grid_h % grid_d * stride_d, at_n[id] = p / grid_w / grid_h / grid_d;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int s = 0; s < A_STEPS; s++) {
      int kk = id / GROUP_M + s * (256 / GROUP_M);
      int iz = at_z[kk] + dz, iy = at_y[kk] + dh, ix = at_x[kk] + dx;
      bool inside = p0 + kk < to_p && m < rows && iz >= 0 && iz < in_d && iy >= 0 && iy < in_h && ix >= 0 && ix < in_w;
      size_t at = ((((size_t)at_n[kk] * in_d + iz) * in_h + iy) * in_w + ix) * channels + c;
      a_tile[kk][mm] = inside ? (ACC)in[at] : (ACC)0;
    }
#pragma unroll
    for (int s = 0; s < B_STEPS; s++) {
      int e = id + 256 * s, kk = e / GROUP_N, nn = e % GROUP_N;
      bool inside = p0 + kk < to_p && n0 + nn < outputs;
      b_tile[kk][nn] = inside ? (ACC)dy[(size_t)(p0 + kk) * outputs + n0 + nn] : (ACC)0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    group_multiply(sum, a_tile, b_tile, x, y);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#pragma unroll
  for (int i = 0; i < REG_M; i++)
#pragma unroll
    for (int j = 0; j < REG_N; j++) {
      int row = m0 + y + 16 * i, o = n0 + x + 16 * j;
      if (row < rows && o < outputs) {
#ifdef FINISH
        PART result = (PART)sum[i][j];
        FINISH_SPAN(PART, (size_t)row * outputs, o, 1, &result)
#else
        dfilter[(size_t)row * outputs + o] = (PART)sum[i][j];
#endif
      }
    }
}

#endif
#endif

// to[b][j][i] = from[b][i][j] for from: [batches, rows, cols]; turns channels-first images into channels-last and back.
// Global ids: (block of columns, block of rows, batch), blocks of `side` x `side`: 1 on a GPU, a few cache lines on a CPU.
__kernel void conv_transpose_batch(__global T *to, __global const T *from, int rows, int cols, int side) {
  size_t start = get_global_id(2) * rows * cols;
  int i0 = get_global_id(1) * side, i1 = min(i0 + side, rows), j0 = get_global_id(0) * side, j1 = min(j0 + side, cols);
  for (int j = j0; j < j1; j++)
    for (int i = i0; i < i1; i++) to[start + (size_t)j * rows + i] = from[start + (size_t)i * cols + j];
}
