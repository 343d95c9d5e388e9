// Adds the partial sums of a product whose sums were split, always in the same order.
//
// Build constants: T element type of the result, PART of the partial sums; LANES elements that are added as one vector, 1
// on a GPU and where the types differ.

#ifdef cl_khr_fp16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#include "finish.clh"

#if LANES > 1
typedef T vec __attribute__((ext_vector_type(LANES)));
typedef T vec_u __attribute__((ext_vector_type(LANES), aligned(sizeof(T))));
#endif

#define BLOCK 256

// out[i] = sum_p parts[p][i].
// out: [count], parts: [number][count]. Global id: `items` consecutive elements, one on a GPU.
__kernel void sum_parts(__global T *out, __global const PART *parts, ulong count, int number, ulong items
                        FINISH_PARAMETERS) {
  size_t i = get_global_id(0) * items, to = min(i + items, (size_t)count);
#ifdef FINISH
  T sums[BLOCK];
  for (; i < to; i += BLOCK) {
    int width = (int)min((size_t)BLOCK, to - i), k = 0;
#if LANES > 1
    for (; k + LANES <= width; k += LANES) {
      vec sum = *(__global const vec_u *)(parts + i + k);
      for (int p = 1; p < number; p++) sum += *(__global const vec_u *)(parts + p * count + i + k);
      *(vec_u *)(sums + k) = sum;
    }
#endif
    for (; k < width; k++) {
      PART sum = parts[i + k];
      for (int p = 1; p < number; p++) sum += parts[p * count + i + k];
      sums[k] = (T)sum;
    }
    FINISH_BLOCK(T, i, width, sums)
  }
  (void)out;
#else
#if LANES > 1
  for (; i + LANES <= to; i += LANES) {
    vec sum = *(__global const vec_u *)(parts + i);
    for (int p = 1; p < number; p++) sum += *(__global const vec_u *)(parts + p * count + i);
    *(__global vec_u *)(out + i) = sum;
  }
#endif
  for (; i < to; i++) {
    PART sum = parts[i];
    for (int p = 1; p < number; p++) sum += parts[p * count + i];
    out[i] = (T)sum;
  }
#endif
}
