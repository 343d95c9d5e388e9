/* What a device can do at most: multiply-adds in registers, copying and reading memory.
 *
 * Build constant: VEC, a vector of floats as wide as the device's registers. On a CPU one work-item is one big block, as in
 * the kernels that are compared with these; on a GPU VEC is float4 and blocks are many.
 */
#define TEN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)

/* out[block] = sum of ten vectors c, after `rounds` times c = c * a + b: 20 operations for each of its floats in a round.
 * Ten accumulators hide the latency of two units and leave registers of the smallest processors (16) free.
 */
__kernel void multiply_adds(__global VEC *out, float a, float b, int rounds)
{
    VEC va = (VEC)(a), vb = (VEC)(b), sum = (VEC)(0.0f);
#define DECLARE(i) VEC c##i = (VEC)(0.1f * i);
#define STEP(i) c##i = c##i * va + vb;
#define ADD(i) sum += c##i;
    TEN(DECLARE)
    for (int r = 0; r < rounds; r++) { TEN(STEP) }
    TEN(ADD)
    out[get_global_id(0)] = sum;
}

/* y[i] = x[i], `size` vectors in each block, which are `stride` vectors apart. */
__kernel void copying(__global VEC *y, __global const VEC *x, int size, int stride)
{
    size_t start = stride > 1 ? get_global_id(0) : get_global_id(0) * (size_t)size;
    for (int i = 0; i < size; i++) y[start + i * (size_t)stride] = x[start + i * (size_t)stride];
}

/* out[block] = sum of `size` vectors of x, a multiple of four. */
__kernel void reading(__global VEC *out, __global const VEC *x, int size)
{
    VEC s0 = (VEC)(0.0f), s1 = s0, s2 = s0, s3 = s0;
    __global const VEC *p = x + get_global_id(0) * (size_t)size;
    for (int i = 0; i < size; i += 4) { s0 += p[i]; s1 += p[i + 1]; s2 += p[i + 2]; s3 += p[i + 3]; }
    out[get_global_id(0)] = (s0 + s1) + (s2 + s3);
}
