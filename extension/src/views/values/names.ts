import { IGraph } from '../../model';

/** A tensor's name as it was meant: pasted with quotes, or without the number of the output. */
export function tensorName(typed: string): string {
  const name = typed.trim().replace(/^["'`]+|["'`]+$/g, '');
  return name === '' || /:\d+$/.test(name) ? name.replace(/:0+(?=\d+$)/, ':') : `${name}:0`;
}

/** Whether a graph has a tensor; null where too little of the graph is known to say so. */
export function hasTensor(graph: IGraph | undefined, tensor: string): boolean | null {
  const match = /^(.*):(\d+)$/.exec(tensor);
  if (!graph || !match) {
    return graph && !match ? false : null;
  }
  const node = graph.byName.get(match[1]);
  if (node === undefined) {
    return graph.nodes.length >= graph.info.size && graph.nodes.length > 0 ? false : null;
  }
  return Number(match[2]) < graph.nodes[node].outputs.length;
}

/** Names of a graph's tensors with a part that was typed; those that begin with it first. */
export function suggestions(graph: IGraph | undefined, typed: string, most = 30): string[] {
  const part = typed.trim().toLowerCase();
  const begins: string[] = [];
  const contains: string[] = [];
  for (const node of graph?.nodes ?? []) {
    const at = node.name.toLowerCase().indexOf(part.replace(/:\d*$/, ''));
    if (at < 0) {
      continue;
    }
    for (let i = 0; i < node.outputs.length; i++) {
      (at === 0 ? begins : contains).push(`${node.name}:${i}`);
    }
    if (begins.length >= most) {
      break;
    }
  }
  return [...begins, ...contains].slice(0, most);
}
