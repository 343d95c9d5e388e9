import { IArrayRef } from './protocol';

/** An array of numbers as it came from the kernel. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

const KINDS = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array
} as const;

/** Copies an array out of a message's buffers; buffers begin anywhere, and typed arrays only at multiples of their size. */
export function arrayOf(ref: IArrayRef, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): Numbers {
  const buffer = buffers[ref.buffer];
  const kind = KINDS[ref.dtype];
  const length = ref.shape.reduce((product, n) => product * n, 1);
  if (buffer === undefined || kind === undefined) {
    throw new Error(`The message has no ${ref.dtype} array in buffer ${ref.buffer}`);
  }
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  if (bytes.byteLength !== length * kind.BYTES_PER_ELEMENT) {
    throw new Error(
      `Buffer ${ref.buffer} has ${bytes.byteLength} bytes where ${ref.dtype}[${ref.shape}] was announced`
    );
  }
  return new kind(bytes.slice().buffer);
}
