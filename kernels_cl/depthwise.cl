// Depthwise convolutions: each channel has filters of its own, and nothing is summed over channels. Channels last.
//
// With o = c * multiplier + q counting the results' channels:
//   depthwise               y[n, i, j, o]  = sum_ab x[n, i s - p + a d, j s - p + b d, c] w[a, b, o]
//   depthwise_grad_input    dx[n, i, j, c] = sum_abq dy[n, (i + p - a d) / s, ...][o] w[a, b, o]  where s divides
//   depthwise_grad_filter   dw[a, b, o]    = sum_nij x[n, i s - p + a d, j s - p + b d, c] dy[n, i, j, o]
//
// Build constants: T element type; ACC type of sums; WIDTH neighbouring channels that are computed as one vector: 1, or on
// a CPU, where the multiplier is 1, a power of two up to the channels. The last vector of a position's then overlaps the one
// before it, and computes what is in both a second time.

#ifdef cl_khr_fp16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#if WIDTH == 1
typedef ACC sum_t;
#define LOAD(p) ((ACC)*(p))
#define STORE(p, value) *(p) = (T)(value)
#else
typedef T sum_t __attribute__((ext_vector_type(WIDTH)));
typedef T sum_u __attribute__((ext_vector_type(WIDTH), aligned(sizeof(T))));
#define LOAD(p) (*(__global const sum_u *)(p))
#define STORE(p, value) *(__global sum_u *)(p) = (value)
#endif

#define PLANE(name) int name##_h, int name##_w

// On a CPU a work-item is a share of the work; compilers must not make vectors of several.
#ifdef ON_CPU
#define SHAPE __attribute__((reqd_work_group_size(1, 1, 1)))
#else
#define SHAPE
#endif

#define VECTORS(channels) (((channels) + WIDTH - 1) / WIDTH)
// The first channel of vector v.
#define FIRST(v, channels) min((v) * WIDTH, (channels) - WIDTH)
// From the vector `at` of a result of height x width positions: its number among those of its position, the position, the image.
#define PLACE_OF(at, vectors, height, width)                     \
  int v = at % vectors, j = at / vectors % width;                \
  int i = at / vectors / width % height;                         \
  size_t n = at / vectors / width / height;
#define NEXT_PLACE(vectors, height, width) \
  if (++v == vectors) {                    \
    v = 0;                                 \
    if (++j == width) {                    \
      j = 0;                               \
      if (++i == height) i = 0, n++;       \
    }                                      \
  }

// y: [images, out, outputs]; x: [images, in, channels]; w: [taps, outputs]. Global id: `items` consecutive vectors of y,
// 1 on a GPU, where neighbours then touch neighbouring channels; on a CPU a share that is worth a work-item.
__kernel SHAPE void depthwise(__global T *y, __global const T *x, __global const T *w, int images, int channels,
                              int multiplier, PLANE(in), PLANE(out), PLANE(taps), PLANE(stride), PLANE(pad),
                              PLANE(dilation), int items) {
  int outputs = channels * multiplier, vectors = VECTORS(outputs);
  size_t at = get_global_id(0) * items, end = min(at + items, (size_t)images * out_h * out_w * vectors);
  PLACE_OF(at, vectors, out_h, out_w)
  for (; at < end; at++) {
    int o = FIRST(v, outputs), c = multiplier == 1 ? o : o / multiplier;
    int j0 = j * stride_w - pad_w, i0 = i * stride_h - pad_h;
    __global const T *image = x + n * in_h * in_w * channels + c;
    sum_t sum = (sum_t)(0);
    for (int a = 0; a < taps_h; a++) {
      int row = i0 + a * dilation_h;
      if (row < 0 || row >= in_h) continue;
      for (int b = 0; b < taps_w; b++) {
        int column = j0 + b * dilation_w;
        if (column < 0 || column >= in_w) continue;
        sum += LOAD(image + ((size_t)row * in_w + column) * channels) * LOAD(w + (size_t)(a * taps_w + b) * outputs + o);
      }
    }
    STORE(y + ((n * out_h + i) * out_w + j) * outputs + o, sum);
    NEXT_PLACE(vectors, out_h, out_w)
  }
}

// a / b, and at once where b is 1.
#define QUOTIENT(a, b) ((b) == 1 ? (a) : (a) / (b))

// dx: [images, in, channels]; dy: [images, out, outputs]; w: [taps, outputs]. Global id: `items` consecutive vectors of dx.
__kernel SHAPE void depthwise_grad_input(__global T *dx, __global const T *dy, __global const T *w, int images, int channels,
                                         int multiplier, PLANE(in), PLANE(out), PLANE(taps), PLANE(stride), PLANE(pad),
                                         PLANE(dilation), int items) {
  int outputs = channels * multiplier, vectors = VECTORS(channels);
  size_t at = get_global_id(0) * items, end = min(at + items, (size_t)images * in_h * in_w * vectors);
  PLACE_OF(at, vectors, in_h, in_w)
  for (; at < end; at++) {
    int c = FIRST(v, channels), o = c * multiplier;
    __global const T *image = dy + n * out_h * out_w * outputs + o;
    sum_t sum = (sum_t)(0);
    for (int a = 0; a < taps_h; a++) {
      int from_i = i + pad_h - a * dilation_h, row = QUOTIENT(from_i, stride_h);
      if (from_i < 0 || row >= out_h || row * stride_h != from_i) continue;
      for (int b = 0; b < taps_w; b++) {
        int from_j = j + pad_w - b * dilation_w, column = QUOTIENT(from_j, stride_w);
        if (from_j < 0 || column >= out_w || column * stride_w != from_j) continue;
        __global const T *from = image + ((size_t)row * out_w + column) * outputs;
        __global const T *filter = w + (size_t)(a * taps_w + b) * outputs + o;
        for (int q = 0; q < multiplier; q++) sum += LOAD(from + q) * LOAD(filter + q);
      }
    }
    STORE(dx + ((n * in_h + i) * in_w + j) * channels + c, sum);
    NEXT_PLACE(vectors, in_h, in_w)
  }
}

// dw: [parts, taps, outputs] of type PART; x: [images, in, channels]; dy: [images, out, outputs]. Part i sums the positions
// of the results from i * part_steps on; the parts are added afterwards, so that sums never depend on timing.
// Global ids: (vector of outputs, tap, part).
__kernel SHAPE void depthwise_grad_filter(__global PART *dw, __global const T *x, __global const T *dy, int images, int channels,
                                    int multiplier, PLANE(in), PLANE(out), PLANE(taps), PLANE(stride), PLANE(pad),
                                    PLANE(dilation), int part_steps) {
  int outputs = channels * multiplier;
  int o = FIRST((int)get_global_id(0), outputs), c = o / multiplier, tap = get_global_id(1), part = get_global_id(2);
  int from = part * part_steps, to = min(from + part_steps, images * out_h * out_w);
  int i1 = tap / taps_w * dilation_h - pad_h, j1 = tap % taps_w * dilation_w - pad_w;
  int j = from % out_w, i = from / out_w % out_h;
  size_t n = from / out_w / out_h;
  sum_t sum = (sum_t)(0);
  for (int p = from; p < to; p++) {
    int row = i * stride_h + i1, column = j * stride_w + j1;
    if (row >= 0 && row < in_h && column >= 0 && column < in_w)
      sum += LOAD(x + ((n * in_h + row) * in_w + column) * channels + c) * LOAD(dy + (size_t)p * outputs + o);
    if (++j == out_w) {
      j = 0;
      if (++i == out_h) i = 0, n++;
    }
  }
  __global PART *to_sum = dw + ((size_t)part * taps_h * taps_w + tap) * outputs + o;
#if WIDTH == 1
  *to_sum = (PART)sum;
#else
  *(__global sum_u *)to_sum = sum;
#endif
}
