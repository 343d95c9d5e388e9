// Products whose results have few columns: c = a b, for a batch of pairs.
//
// Build constants: T, WIDTH (elements in a vector register), TILE_M (rows of a register tile), TILE_V (vectors in a row of
// it; TILE_V * WIDTH columns are at least n).
//
// With FINISH each row of the result goes through a program of its own when it is there (include/rows.clh): the compiler
// writes FINISH_PARAMETERS, FINISH_ONCE, FINISH_OFFSETS and ROW_BODY, which reads the row from `given_row`.

#ifdef FINISH
#include "rows.clh"
#else
#define FINISH_PARAMETERS
#endif

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#define TILE_N (TILE_V * WIDTH)

typedef T vec __attribute__((ext_vector_type(WIDTH)));
typedef T vec_u __attribute__((ext_vector_type(WIDTH), aligned(sizeof(T))));

// sum[i][v] += x[i][step] * row[v] for all rows i of a tile.
#define MULTIPLY(step, row)                                        \
  {                                                                \
    vec y[TILE_V];                                                 \
    _Pragma("unroll") for (int v = 0; v < TILE_V; v++) y[v] = (row)[v]; \
    _Pragma("unroll") for (int i = 0; i < TILE_M; i++) {           \
      vec value = (vec)(x[i][step]);                               \
      _Pragma("unroll") for (int v = 0; v < TILE_V; v++) sum[i][v] += value * y[v]; \
    }                                                              \
  }

// c[b][m][n] = sum_k a[b][m][k] * b[b][k][n].
// c: [batch, m, n]; a: [batch, m, k]; b: [batch, k, n].
// Global ids: (block of `item_rows` rows, batch). Local size 1: a work-item is a core's share. A row of b is one or two
// vectors that are read where they are, with what follows it, so that nothing is packed; its sums beyond n are dropped.
// Only the last rows, behind which there may be no memory, are read from a copy.
__kernel __attribute__((reqd_work_group_size(1, 1, 1), vec_type_hint(vec))) void matmul_thin(
    __global T *c, __global const T *a, __global const T *b, int m, int n, int k, int item_rows
    FINISH_PARAMETERS) {
  size_t batch = get_global_id(1);
#ifdef FINISH
  ROW_SETUP
  FINISH_ONCE
#endif
  int from_m = get_global_id(0) * item_rows, to_m = min(from_m + item_rows, m);
  c += batch * m * n;
  a += batch * m * k;
  b += batch * k * n;
  int safe = max(0, k - (TILE_N - 1) / n);
  T last[TILE_N][TILE_N] __attribute__((aligned(64)));
  for (int r = safe; r < k; r++)
    for (int j = 0; j < TILE_N; j++) last[r - safe][j] = j < n ? b[(size_t)r * n + j] : (T)0;
  for (int m0 = from_m; m0 < to_m; m0 += TILE_M) {
    vec sum[TILE_M][TILE_V];
    __global const T *x[TILE_M];
#pragma unroll
    for (int i = 0; i < TILE_M; i++) {
      x[i] = a + (size_t)min(m0 + i, m - 1) * k;
#pragma unroll
      for (int v = 0; v < TILE_V; v++) sum[i][v] = (vec)(0);
    }
    for (int s = 0; s < safe; s++) MULTIPLY(s, (__global const vec_u *)(b + (size_t)s * n))
    for (int s = safe; s < k; s++) MULTIPLY(s, (const vec *)last[s - safe])
#ifdef FINISH
    T edge[TILE_M][TILE_N] __attribute__((aligned(64)));
#pragma unroll
    for (int i = 0; i < TILE_M; i++)
#pragma unroll
      for (int v = 0; v < TILE_V; v++) ((vec *)edge[i])[v] = sum[i][v];
    for (int i = 0; i < min(TILE_M, to_m - m0); i++) {
      const T *given_row = edge[i];
      const long row = batch * m + m0 + i, full = row * row_length;
      FINISH_OFFSETS
      ROW_BODY
    }
#else
#pragma unroll
    for (int i = 0; i < TILE_M; i++)
      if (m0 + i < to_m) {
        T edge[TILE_N] __attribute__((aligned(64)));
#pragma unroll
        for (int v = 0; v < TILE_V; v++) ((vec *)edge)[v] = sum[i][v];
        for (int j = 0; j < n; j++) c[(size_t)(m0 + i) * n + j] = edge[j];
      }
#endif
  }
}
