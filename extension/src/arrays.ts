import { IArrayRef } from './protocol';

/** An array of numbers as it came from the kernel. */
export type Numbers =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** Integers of 64 bits, of which a float64 would hold only the first digits. */
export type Integers = BigInt64Array | BigUint64Array;

const KINDS = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array
} as const;

/** Copies an array out of a message's buffers; integers of 64 bits are rounded to numbers to draw. */
export function arrayOf(ref: IArrayRef, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): Numbers {
  const array = exactOf(ref, buffers);
  return isIntegers(array) ? Float64Array.from(array as ArrayLike<bigint> & Iterable<bigint>, Number) : array;
}

export function isIntegers(array: Numbers | Integers): array is Integers {
  return array instanceof BigInt64Array || array instanceof BigUint64Array;
}

/** As `arrayOf`, bit by bit. Buffers begin anywhere, and typed arrays only at multiples of their size. */
export function exactOf(ref: IArrayRef, buffers: readonly (ArrayBuffer | ArrayBufferView)[]): Numbers | Integers {
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
