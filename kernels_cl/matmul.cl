// Products of matrices: c = op(a) op(b), with op the identity or the transpose, for a batch of pairs.
//
// Build constants besides those of tile.clh: TRANSPOSE_A, TRANSPOSE_B, A_DIRECT, PACK_B (defined or not).

#if defined(PACK_B)
#define B_PACKED
#elif !defined(A_DIRECT)
#define A_BY_TILES
#endif
#include "tile.clh"

#if defined(PACK_B)

// packed[b][panel][k][j] = op(b)[b][k][panel * TILE_N + j], for products whose work-items would pack the same again.
// packed: [batch, panels, k, TILE_N]; b: [batch, k, n] or [batch, n, k].
// Global ids: (block of `item_panels` panels, block of `item_steps` steps of k, batch). Local size 1.
TILE_KERNEL void matmul_pack_b(__global T *packed, __global const T *b, int n, int k, int item_panels, int item_steps) {
  size_t panels = (n + TILE_N - 1) / TILE_N, panel = get_global_id(0) * item_panels, batch = get_global_id(2);
  size_t panel_size = (size_t)k * TILE_N, from_n = panel * TILE_N;
  int from_k = get_global_id(1) * item_steps, steps = min(item_steps, k - from_k);
  int cols = min(item_panels * TILE_N, n - (int)from_n);
  packed += (batch * panels + panel) * panel_size + from_k * TILE_N;
  b += batch * k * n;
#ifdef TRANSPOSE_B
  tile_pack_columns(packed, b + from_n * k + from_k, k, steps, cols, panel_size);
#else
  size_t at = (size_t)from_k * n + from_n;
  tile_pack_rows(packed, b + at, n, steps, cols, panel_size, (size_t)k * n - at);
#endif
}

#elif !defined(GROUP)

// Panels before the last in which rows of A are asked for.
#define AHEAD_PANELS (TILE_UNROLL * TILE_M / TILE_LINE + 3)

// c[b][m][n] = sum_k op(a)[b][m][k] * op(b)[b][k][n].
// c: [batch, m, n]; a: [batch, m, k] or [batch, k, m]; b: [batch, k, n] or [batch, n, k], or with B_PACKED what
// matmul_pack_b makes of it.
// With k split into parts, c is [parts, batch, m, n], and part p sums k from p * part_steps on.
// Global ids: (share of the columns, share of the rows, part * batches + batch). Local size 1: a work-item is a core's
// share, in whole tiles. It goes through k in chunks, the columns in blocks of `block_cols` (all its columns with B_PACKED)
// and the rows in blocks of `block_rows`.
TILE_KERNEL void matmul(__global T *c, __global const T *a, __global const T *b, int m, int n, int k, int block_rows,
                        int block_cols, int chunk, int part_steps, int batches FINISH_PARAMETERS) {
#ifndef A_DIRECT
  __local T a_block[A_BLOCK] __attribute__((aligned(64)));
#endif
#ifndef B_PACKED
  __local T b_block[B_BLOCK] __attribute__((aligned(64)));
#endif
  __local size_t row[ROW_TILES * TILE_M];
  size_t batch = get_global_id(2) % batches;
  int from_k = get_global_id(2) / batches * part_steps, to_k = min(from_k + part_steps, k);
  int from_m = tile_share(m, TILE_M, get_global_id(1), get_global_size(1));
  int to_m = tile_share(m, TILE_M, get_global_id(1) + 1, get_global_size(1));
  int from_n = tile_share(n, TILE_N, get_global_id(0), get_global_size(0));
  int to_n = tile_share(n, TILE_N, get_global_id(0) + 1, get_global_size(0));
#ifdef B_PACKED
  b += batch * ((n + TILE_N - 1) / TILE_N) * k * TILE_N;
  block_cols = to_n - from_n;
#endif
  size_t a_size = (size_t)m * k * batches, b_size = (size_t)k * n * batches;
  size_t a_start = batch * m * k, b_start = batch * k * n;
#ifdef TRANSPOSE_A
#define A_ELEMENT(i, k) ((size_t)(k) * m + (i))
  size_t a_pitch = m;
#else
#define A_ELEMENT(i, k) ((size_t)(i) * a_pitch + (k))
  size_t a_pitch = k;
#endif
#ifdef TRANSPOSE_B
#define B_ELEMENT(k_, j) ((size_t)(j) * k + (k_))
#else
#define B_ELEMENT(k_, j) ((size_t)(k_) * n + (j))
#endif
  for (int k0 = from_k; k0 < to_k; k0 += chunk) {
    int steps = min(chunk, to_k - k0);
    for (int n0 = from_n; n0 < to_n; n0 += block_cols) {
      int cols = min(block_cols, to_n - n0);
      tile_ahead ahead = {0};
#ifdef B_PACKED
      size_t panel_size = (size_t)k * TILE_N;
      tile_b b_from = b + n0 / TILE_N * panel_size + k0 * TILE_N;
#else
      size_t panel_size = steps * TILE_N, b_at = b_start + B_ELEMENT(k0, n0);
      tile_b b_from = b_block;
      int wraps = n0 + block_cols >= to_n, next_n = wraps ? from_n : n0 + block_cols, next_k = wraps ? k0 + chunk : k0;
      int next_cols = min(block_cols, to_n - next_n), next_steps = min(chunk, to_k - next_k);
      ahead.from = b + b_start + B_ELEMENT(next_k, next_n);
#ifdef TRANSPOSE_B
      tile_pack_columns(b_block, b + b_at, k, steps, cols, panel_size);
      ahead.pitch = k, ahead.rows = next_steps > 0 ? next_cols : 0, ahead.length = next_steps;
#else
      tile_pack_rows(b_block, b + b_at, n, steps, cols, panel_size, b_size - b_at);
      ahead.pitch = n, ahead.rows = max(next_steps, 0), ahead.length = next_cols;
#endif
#endif
      for (int m0 = from_m; m0 < to_m; m0 += block_rows) {
        int rows = min(block_rows, to_m - m0);
        for (int i = 0; i < rows; i++) row[i] = (get_global_id(2) * m + m0 + i) * n;
        size_t a_at = a_start + A_ELEMENT(m0, k0);
        int ahead_from = 0;
#ifdef B_PACKED
        // The next rows of A are packed when the last panel is done; those of a tile take a few panels to ask for.
        int wraps = m0 + block_rows >= to_m, next_m = wraps ? from_m : m0 + block_rows, next_k = wraps ? k0 + chunk : k0;
        int next_rows = min(block_rows, to_m - next_m), next_steps = max(0, min(chunk, to_k - next_k));
        ahead.from = a + a_start + A_ELEMENT(next_m, next_k), ahead.pitch = a_pitch, ahead.at = 0;
#ifdef TRANSPOSE_A
        ahead.rows = next_steps, ahead.length = next_rows;
#else
        ahead.rows = next_steps > 0 ? next_rows : 0, ahead.length = next_steps;
#endif
        ahead_from = max(0, cols - AHEAD_PANELS * TILE_N);
#endif
#ifdef A_DIRECT
        tile_block(c, row, n0, rows, cols, a + a_at, a_pitch, b_from, panel_size, steps, k0 > from_k,
                   k0 + chunk >= to_k, &ahead, ahead_from FINISH_ARGUMENTS);
#else
        // Rows that are one block alone stay packed for all columns.
        if (n0 == from_n || to_m - from_m > block_rows) {
#ifdef TRANSPOSE_A
          tile_pack_a_columns(a_block, a + a_at, a_pitch, steps, rows, a_size - a_at);
#else
          tile_pack_a_rows(a_block, a + a_at, a_pitch, steps, rows);
#endif
        }
        tile_block(c, row, n0, rows, cols, a_block, 0, b_from, panel_size, steps, k0 > from_k,
                   k0 + chunk >= to_k, &ahead, ahead_from FINISH_ARGUMENTS);
#endif
      }
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
                                                                            int part_steps,
                                                                            int batches FINISH_PARAMETERS) {
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
      if (mm < m && nn < n) {
#ifdef FINISH
        PART result = (PART)sum[i][j];
        FINISH_SPAN(PART, (size_t)(get_global_id(2) * m + mm) * n, nn, 1, &result)
#else
        c[(size_t)mm * n + nn] = (PART)sum[i][j];
#endif
      }
    }
}

#endif
