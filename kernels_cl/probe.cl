// The probe: a runtime counts as working only when these kernels build, run and give the right numbers.
// Together they touch what every other kernel builds on: vector arithmetic and built-in functions, work-groups with
// local memory and barriers, 64-bit integers, and the optional double and half where the device claims them.
//
// Build constants: GROUP, the size of a work-group; HAS_FP64 and HAS_FP16 where the device claims these types.

// out[i] = exp(a[i]) * b[i] + a[i], for i in [0, 8 * global size).
// out, a, b: float[8 * global size]. Global id: one vector of 8. Vectors, because the other kernels compute in them.
__kernel void probe_float(__global float *out, __global const float *a, __global const float *b)
{
    const size_t i = get_global_id(0);
    const float8 x = vload8(i, a);
    vstore8(mad(exp(x), vload8(i, b), x), i, out);
}

// out[g * GROUP + l] = sum over j <= l of a[g * GROUP + j]: the running sum inside each work-group.
// out, a: int[global size]. Group id g, local id l. log2(GROUP) rounds through local memory, so that a missing or
// wrong barrier shows in the numbers.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void probe_group(__global int *out, __global const int *a)
{
    __local int sums[GROUP];
    const int l = get_local_id(0);
    sums[l] = a[get_global_id(0)];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = 1; step < GROUP; step *= 2) {
        const int left = l >= step ? sums[l - step] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[l] += left;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    out[get_global_id(0)] = sums[l];
}

// out[i] = (a[i] * 0x9E3779B97F4A7C15 >> 7) ^ (a[i] / 1000003), in 64 bits without sign.
// out, a: ulong[global size]. Global id: one element. Multiply, shift and divide are what index and random code uses.
__kernel void probe_long(__global ulong *out, __global const ulong *a)
{
    const size_t i = get_global_id(0);
    out[i] = (a[i] * 0x9E3779B97F4A7C15UL >> 7) ^ (a[i] / 1000003UL);
}

#ifdef HAS_FP64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
// out[i] = exp(a[i]) + a[i] / 3, in double.
// out, a: double[global size]. Global id: one element.
__kernel void probe_double(__global double *out, __global const double *a)
{
    const size_t i = get_global_id(0);
    out[i] = exp(a[i]) + a[i] / 3.0;
}
#endif

#ifdef HAS_FP16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
// out[i] = a[i] * a[i] + a[i], in half.
// out, a: half[global size]. Global id: one element.
__kernel void probe_half(__global half *out, __global const half *a)
{
    const size_t i = get_global_id(0);
    out[i] = a[i] * a[i] + a[i];
}
#endif
