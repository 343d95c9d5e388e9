// Products with so few rows that reading the second factor is what takes time, and of matrices with vectors: nothing is
// packed, and each row of the matrix is read once, from its beginning to its end.
//
// Build constants: T, LANES (elements in a vector register), TILE_M (rows of the result, at most, for matmul_flat; rows of the
// matrix that are multiplied together, for matmul_dot).

#include "finish.clh"
#include "near.clh"

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

typedef T vec __attribute__((ext_vector_type(LANES)));
typedef T vec_u __attribute__((ext_vector_type(LANES), aligned(sizeof(T))));

#define VECTOR_KERNEL __kernel __attribute__((reqd_work_group_size(1, 1, 1), vec_type_hint(vec)))

#ifndef DOT

// Columns whose sums are kept near, and rows of b that are added to them at a time.
#define BLOCK (4096 / TILE_M)
#define STEPS (TILE_M > 1 ? 4 : 8)
// Vectors beside each other.
#define WIDE 2

// sums[i][j] += sum over `steps` rows of b, `pitch` apart, of x[i][row] * b[row][j]; asks for the rows behind them.
static inline void add_rows(T *sums, T x[TILE_M][STEPS], __global const T *b, size_t pitch, int cols, int steps,
                            int ahead) {
  int j = 0;
  for (; j + WIDE * LANES <= cols; j += WIDE * LANES) {
    vec y[STEPS][WIDE];
#pragma unroll
    for (int s = 0; s < STEPS; s++)
      if (s < steps)
#pragma unroll
        for (int v = 0; v < WIDE; v++) y[s][v] = ((__global const vec_u *)(b + s * pitch + j))[v];
    // One row's products take so little time that what the processor fetches of its own accord comes earlier.
    if (ahead && TILE_M > 4)
#pragma unroll
      for (int s = 0; s < STEPS; s++) NEAR(b + (s + STEPS) * pitch + j);
#pragma unroll
    for (int i = 0; i < TILE_M; i++) {
      vec *sum = (vec *)(sums + i * BLOCK + j);
      vec total[WIDE];
#pragma unroll
      for (int v = 0; v < WIDE; v++) total[v] = sum[v];
#pragma unroll
      for (int s = 0; s < STEPS; s++)
        if (s < steps)
#pragma unroll
          for (int v = 0; v < WIDE; v++) total[v] += (vec)(x[i][s]) * y[s][v];
#pragma unroll
      for (int v = 0; v < WIDE; v++) sum[v] = total[v];
    }
  }
  for (; j < cols; j++)
    for (int s = 0; s < steps; s++) {
      T value = b[s * pitch + j];
#pragma unroll
      for (int i = 0; i < TILE_M; i++) sums[i * BLOCK + j] += x[i][s] * value;
    }
}

// c[m][n] = sum_k a[m][k] * b[k][n], a's elements being `a_row` apart from row to row and `a_step` along k.
// c: [parts, m, n], m at most TILE_M; b: [k, n]. Part i sums k from i * part_steps on.
// Global ids: (block of `item_cols` columns, part). Local size 1: a work-item is a core's share.
VECTOR_KERNEL void matmul_flat(__global T *c, __global const T *a, __global const T *b, int m, int n, int k, int a_row,
                               int a_step, int item_cols, int part_steps FINISH_PARAMETERS) {
  T sums[TILE_M * BLOCK] __attribute__((aligned(64)));
  int from_n = get_global_id(0) * item_cols, to_n = min(from_n + item_cols, n);
  int from_k = get_global_id(1) * part_steps, to_k = min(from_k + part_steps, k);
  c += get_global_id(1) * m * n;
  for (int n0 = from_n; n0 < to_n; n0 += BLOCK) {
    int cols = min(BLOCK, to_n - n0), k0 = from_k;
    for (int i = 0; i < TILE_M; i++)
      for (int j = 0; j < cols; j += LANES) *(vec *)(sums + i * BLOCK + j) = (vec)(0);
    for (; k0 < to_k; k0 += STEPS) {
      int steps = min(STEPS, to_k - k0);
      T x[TILE_M][STEPS];
#pragma unroll
      for (int i = 0; i < TILE_M; i++)
        for (int s = 0; s < steps; s++) x[i][s] = a[(size_t)min(i, m - 1) * a_row + (size_t)(k0 + s) * a_step];
      __global const T *rows = b + (size_t)k0 * n + n0;
      if (steps == STEPS) add_rows(sums, x, rows, n, cols, STEPS, k0 + 2 * STEPS <= to_k);
      else
        for (int s = 0; s < steps; s++) {
#pragma unroll
          for (int i = 0; i < TILE_M; i++) x[i][0] = x[i][s];
          add_rows(sums, x, rows + (size_t)s * n, n, cols, 1, 0);
        }
    }
    for (int i = 0; i < m; i++) {
      size_t at = (size_t)i * n + n0;
#ifdef FINISH
      T values[LANES] __attribute__((aligned(64)));
      for (int j = 0; j < cols; j += LANES) {
        *(vec *)values = *(vec *)(sums + i * BLOCK + j);
        FINISH_BLOCK(T, at + j, min(LANES, cols - j), values)
      }
#else
      for (int j = 0; j < cols; j++) c[at + j] = sums[i * BLOCK + j];
#endif
    }
  }
}

#else  // DOT

// Rows whose results are finished together.
#define RESULTS 64

// c[r] = sum_k a[r][k] * b[k].
// c: [parts, rows]; a: [rows, k]; b: [k]. Part i sums k from i * part_steps on.
// Global ids: (block of `item_rows` rows, part). Local size 1: a work-item is a core's share. Vectors run along k.
VECTOR_KERNEL void matmul_dot(__global T *c, __global const T *a, __global const T *b, int rows, int k, int item_rows,
                              int part_steps FINISH_PARAMETERS) {
  int from = get_global_id(0) * item_rows, to = min(from + item_rows, rows);
  int from_k = get_global_id(1) * part_steps, to_k = min(from_k + part_steps, k);
  c += get_global_id(1) * rows;
  T result[RESULTS + TILE_M];
  for (int first = from; first < to; first += RESULTS) {
    int count = min(RESULTS, to - first);
    for (int r = 0; r < count; r += TILE_M) {
      vec sum[TILE_M];
      __global const T *x[TILE_M];
      T edge[TILE_M][LANES] __attribute__((aligned(64)));
#pragma unroll
      for (int i = 0; i < TILE_M; i++) x[i] = a + (size_t)min(first + r + i, rows - 1) * k, sum[i] = (vec)(0);
      int s = from_k;
      for (; s + LANES <= to_k; s += LANES) {
        vec y = *(__global const vec_u *)(b + s);
#pragma unroll
        for (int i = 0; i < TILE_M; i++) sum[i] += *(__global const vec_u *)(x[i] + s) * y;
      }
#pragma unroll
      for (int i = 0; i < TILE_M; i++) {
        *(vec *)edge[i] = sum[i];
        T total = 0;
        for (int j = 0; j < LANES; j++) total += edge[i][j];
        for (int j = s; j < to_k; j++) total += x[i][j] * b[j];
        result[r + i] = total;
      }
    }
#ifdef FINISH
    FINISH_BLOCK(T, first, count, result)
#else
    for (int r = 0; r < count; r++) c[first + r] = result[r];
#endif
  }
}

#endif
