// Products of matrices: c = op(a) op(b), with op the identity or the transpose, for a batch of pairs.
//
// Build constants besides those of tile.clh: TRANSPOSE_A, TRANSPOSE_B, A_DIRECT (defined or not).

#ifdef TRANSPOSE_A
#define A_BY_COLUMNS
#endif
#include "tile.clh"

#ifndef GROUP

#ifndef A_DIRECT
// Packs `rows` rows of op(a), of which `room` elements may be read from `from` on. Rows that fill the last tile are
// whatever was there: their sums are dropped.
static inline void matmul_pack_a(__local T *to, __global const T *from, size_t pitch, int steps, int rows, size_t room) {
#ifdef TRANSPOSE_A
  for (int k = 0; k < steps; k++) tile_copy(to + A_AT(0, k), from + k * pitch, rows, room - k * pitch);
#else
  for (int m = 0; m < rows; m++) tile_copy(to + A_AT(m, 0), from + m * pitch, steps, room - m * pitch);
#endif
}
#endif

// c[b][m][n] = sum_k op(a)[b][m][k] * op(b)[b][k][n].
// c: [batch, m, n]; a: [batch, m, k] or [batch, k, m]; b: [batch, k, n] or [batch, n, k] (b may be the same for all).
// With k split into parts, c is [parts, batch, m, n], and part p sums k from p * part_steps on.
// Global ids: (block of `item_cols` columns, block of `item_rows` rows, part * batches + batch). Local size 1: a work-item
// is a core's share, large enough that packing B for it costs little, and as many as keep all cores busy.
TILE_KERNEL void matmul(__global T *c, __global const T *a, __global const T *b, int m, int n, int k, int item_rows,
                        int item_cols, int chunk, int part_steps, int batches) {
#ifndef A_DIRECT
  __local T a_block[A_BLOCK] __attribute__((aligned(64)));
#endif
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
  __local size_t row[ROW_TILES * TILE_M];
  size_t batch = get_global_id(2) % batches;
  int from_k = get_global_id(2) / batches * part_steps, to_k = min(from_k + part_steps, k);
  int from_m = get_global_id(1) * item_rows, to_m = min(from_m + item_rows, m);
  int from_n = get_global_id(0) * item_cols, cols = min(item_cols, n - from_n);
  c += get_global_id(2) * m * n + from_n;
  size_t a_size = (size_t)m * k * batches, b_size = (size_t)k * n * batches;
  size_t a_start = batch * m * k, b_start = batch * k * n;
#ifdef TRANSPOSE_A
#define A_ELEMENT(i, k) ((size_t)(k) * m + (i))
  size_t a_pitch = m;
#else
#define A_ELEMENT(i, k) ((size_t)(i) * a_pitch + (k))
  size_t a_pitch = k;
#endif
  int tiles = (cols + TILE_N - 1) / TILE_N * ((to_m - from_m + TILE_M - 1) / TILE_M);
  for (int k0 = from_k; k0 < to_k; k0 += chunk) {
    int steps = min(chunk, to_k - k0), more = clamp(to_k - k0 - chunk, 0, chunk);
    tile_ahead ahead;
#ifdef TRANSPOSE_B
    __global const T *b_from = b + b_start + (size_t)from_n * k + k0;
    tile_pack_columns(b_block, b_from, k, steps, cols, steps * TILE_N);
    ahead.from = b_from + chunk, ahead.pitch = k, ahead.rows = more > 0 ? cols : 0, ahead.length = more;
#else
    size_t b_at = b_start + (size_t)k0 * n + from_n;
    tile_pack_rows(b_block, b + b_at, n, steps, cols, b_size - b_at);
    ahead.from = b + b_at + (size_t)chunk * n, ahead.pitch = n, ahead.rows = more, ahead.length = cols;
#endif
    ahead.each = (ahead.rows + tiles - 1) / tiles;
    for (int m0 = from_m; m0 < to_m; m0 += ROW_TILES * TILE_M) {
      int rows = min(ROW_TILES * TILE_M, to_m - m0);
      for (int i = 0; i < rows; i++) row[i] = (size_t)(m0 + i) * n;
      size_t a_at = a_start + A_ELEMENT(m0, k0);
#ifdef A_DIRECT
      tile_block(c, row, rows, cols, a + a_at, a_pitch, b_block, steps, k0 > from_k, &ahead);
#else
      matmul_pack_a(a_block, a + a_at, a_pitch, steps, rows, a_size - a_at);
      tile_block(c, row, rows, cols, a_block, 0, b_block, steps, k0 > from_k, &ahead);
#endif
    }
  }
}

#else  // GROUP

// The same product for GPUs; c is of type PART ([parts, batch, m, n]) where k is split.
// Local size (16, 16, 1): a work-group makes one GROUP_M x GROUP_N tile of c, each work-item REG_M x REG_N sums of it in
// registers, from tiles of a and b that the group loads into local memory together.
// Global ids: (column tile * 16 + x, row tile * 16 + y, part * batches + batch).
__kernel __attribute__((reqd_work_group_size(16, 16, 1))) void matmul_group(__global PART *c, __global const T *a,
                                                                            __global const T *b, int m, int n, int k,
                                                                            int part_steps, int batches) {
  __local ACC a_tile[GROUP_K][GROUP_M + 1];
  __local ACC b_tile[GROUP_K][GROUP_N + 1];
  int x = get_local_id(0), y = get_local_id(1), id = y * 16 + x;
  int m0 = get_group_id(1) * GROUP_M, n0 = get_group_id(0) * GROUP_N;
  size_t batch = get_global_id(2) % batches;
  int from_k = get_global_id(2) / batches * part_steps, to_k = min(from_k + part_steps, k);
  a += batch * m * k;
  b += batch * k * n;
  c += get_global_id(2) * m * n;
  ACC sum[REG_M][REG_N];
#pragma unroll
  for (int i = 0; i < REG_M; i++)
#pragma unroll
    for (int j = 0; j < REG_N; j++) sum[i][j] = 0;
  for (int k0 = from_k; k0 < to_k; k0 += GROUP_K) {
#pragma unroll
    for (int s = 0; s < A_STEPS; s++) {
      int e = id + 256 * s;
#ifdef TRANSPOSE_A
      int kk = e / GROUP_M, mm = e % GROUP_M;
      size_t at = (size_t)(k0 + kk) * m + m0 + mm;
#else
      int kk = e % GROUP_K, mm = e / GROUP_K;
      size_t at = (size_t)(m0 + mm) * k + k0 + kk;
#endif
      a_tile[kk][mm] = k0 + kk < to_k && m0 + mm < m ? (ACC)a[at] : (ACC)0;
    }
#pragma unroll
    for (int s = 0; s < B_STEPS; s++) {
      int e = id + 256 * s;
#ifdef TRANSPOSE_B
      int kk = e % GROUP_K, nn = e / GROUP_K;
      size_t at = (size_t)(n0 + nn) * k + k0 + kk;
#else
      int kk = e / GROUP_N, nn = e % GROUP_N;
      size_t at = (size_t)(k0 + kk) * n + n0 + nn;
#endif
      b_tile[kk][nn] = k0 + kk < to_k && n0 + nn < n ? (ACC)b[at] : (ACC)0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    group_multiply(sum, a_tile, b_tile, x, y);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#pragma unroll
  for (int i = 0; i < REG_M; i++)
#pragma unroll
    for (int j = 0; j < REG_N; j++) {
      int mm = m0 + y + 16 * i, nn = n0 + x + 16 * j;
      if (mm < m && nn < n) c[(size_t)mm * n + nn] = (PART)sum[i][j];
    }
}

#endif
