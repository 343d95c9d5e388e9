// Products with the first factor transposed whose results have few columns: c = a^T b, as gradients of thin weights are.
//
// Build constants: T, WIDTH (elements in a vector register), TILE_V (vectors of rows in a register tile), TILE_N (columns of
// it), MOST_N (n is at most that).

#include "finish.clh"

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#define TILE_M (TILE_V * WIDTH)

typedef T vec __attribute__((ext_vector_type(WIDTH)));
typedef T vec_u __attribute__((ext_vector_type(WIDTH), aligned(sizeof(T))));

// c[m][n] = sum_k a[k][m] * b[k][n].
// c: [m, n]; a: [k, m]; b: [k, n].
// Global id: block of `item_rows` rows of c. Local size 1: a work-item is a core's share. Vectors run along the rows of c,
// which lie side by side in a, so that no lane is idle however few columns there are; the last vectors of rows overlap those
// before, where there are enough. Nothing is packed.
__kernel __attribute__((reqd_work_group_size(1, 1, 1), vec_type_hint(vec))) void matmul_thin_ta(
    __global T *c, __global const T *a, __global const T *b, int m, int n, int k, int item_rows FINISH_PARAMETERS) {
  int from_m = get_global_id(0) * item_rows, to_m = min(from_m + item_rows, m);
#ifdef FINISH
  T block[TILE_M * MOST_N] __attribute__((aligned(64)));
#endif
  for (int m0 = from_m; m0 < to_m; m0 += TILE_M) {
    int first = min(m0, m - TILE_M);  // m is at least TILE_M
    for (int n0 = 0; n0 < n; n0 += TILE_N) {
      vec sum[TILE_N][TILE_V];
      __global const T *y[TILE_N];
#pragma unroll
      for (int j = 0; j < TILE_N; j++) {
        y[j] = b + min(n0 + j, n - 1);
#pragma unroll
        for (int v = 0; v < TILE_V; v++) sum[j][v] = (vec)(0);
      }
      __global const T *x = a + first;
      for (int s = 0; s < k; s++, x += m) {
        vec column[TILE_V];
#pragma unroll
        for (int v = 0; v < TILE_V; v++) column[v] = ((__global const vec_u *)x)[v];
#pragma unroll
        for (int j = 0; j < TILE_N; j++) {
          vec value = (vec)(y[j][s * n]);
#pragma unroll
          for (int v = 0; v < TILE_V; v++) sum[j][v] += column[v] * value;
        }
      }
      T edge[TILE_N][TILE_M] __attribute__((aligned(64)));
#pragma unroll
      for (int j = 0; j < TILE_N; j++)
#pragma unroll
        for (int v = 0; v < TILE_V; v++) ((vec *)edge[j])[v] = sum[j][v];
#ifdef FINISH
      T *to = block + n0;
#else
      __global T *to = c + (size_t)first * n + n0;
#endif
      if (n - n0 >= TILE_N) {
        for (int i = 0; i < TILE_M; i++, to += n)
#pragma unroll
          for (int j = 0; j < TILE_N; j++) to[j] = edge[j][i];
      } else {
        for (int i = 0; i < TILE_M; i++, to += n)
          for (int j = 0; j < n - n0; j++) to[j] = edge[j][i];
      }
    }
#ifdef FINISH
    FINISH_BLOCK(T, (long)m0 * n, (min(m0 + TILE_M, to_m) - m0) * n, block + (m0 - first) * n)
#endif
  }
}
