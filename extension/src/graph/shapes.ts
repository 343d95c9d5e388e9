import { INode } from './types';

const SIZES: { [dtype: string]: number } = {
  bool: 1,
  int8: 1,
  uint8: 1,
  qint8: 1,
  quint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  half: 2,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  qint32: 4,
  float32: 4,
  float: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  double: 8,
  complex64: 8,
  complex128: 16
};

/** Dimensions, each as text: "?" is unknown. */
export function dimensions(shape: readonly number[]): string[] {
  return shape.map(n => (n < 0 ? '?' : String(n)));
}

/**
 * A tensor's dimensions as text: "100x784", "?x10" where one is unknown, "[3]" of a vector, lest it be read as a number; "" of a
 * number or where nothing is known.
 */
export function shapeText(shape: readonly number[] | null): string {
  const text = dimensions(shape ?? []).join('x');
  return shape?.length === 1 ? `[${text}]` : text;
}

/** The element type without the mark of a variable's own memory. */
export function plainType(dtype: string): string {
  return dtype.endsWith('_ref') ? dtype.slice(0, -4) : dtype;
}

/** Number of elements, or -1 where the shape is not wholly known. */
export function elements(shape: readonly number[] | null): number {
  let product = 1;
  for (const n of shape ?? [-1]) {
    if (!(n >= 0)) {
      return -1;
    }
    product *= n;
  }
  return product;
}

/** Whether a graph knows only a part of an output's shape. */
export function isPart({ shape }: INode['outputs'][number]): boolean {
  return shape === null || shape.some(n => n < 0);
}

/** Takes the shapes that outputs of the operations `shaped` had in runs; returns whether one is new. */
export function learnShapes(
  nodes: readonly INode[],
  { shaped, shapes }: { shaped: readonly number[]; shapes: readonly number[][][] }
): boolean {
  let isNew = false;
  shaped.forEach((op, k) =>
    nodes[op]?.outputs.forEach((output, n) => {
      const ran = shapes[k][n];
      if (ran && isPart(output) && shapeText(ran) !== shapeText(output.ran ?? null)) {
        output.ran = ran;
        isNew = true;
      }
    })
  );
  return isNew;
}

/** Bytes of a tensor, in runs where the graph does not know; 0 where shape or type are not wholly known. */
export function bytesOf(output: INode['outputs'][number] | undefined): number {
  const count = output ? elements(output.ran ?? output.shape) : -1;
  return count > 0 && output ? count * (SIZES[plainType(output.dtype)] ?? 0) : 0;
}
