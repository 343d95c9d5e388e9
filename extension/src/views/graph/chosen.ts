import { IGraph } from '../../model';

/** What a graph is called: by a variable of the notebook that holds it, else "default", else by its id. */
export function labelOf({ info }: IGraph): string {
  return info.labels[0] ?? (info.default ? 'default' : info.id);
}

/**
 * The id of the graph to show: that of the label that the user chose, else the default one, else the newest one that has
 * operations; '' where there is none.
 */
export function chosenGraph(graphs: ReadonlyMap<string, IGraph>, chosen: string): string {
  const newest = [...graphs.values()].reverse();
  const used = newest.filter(({ info }) => info.size > 0);
  const graph =
    newest.find(known => chosen !== '' && labelOf(known) === chosen) ??
    used.find(({ info }) => info.default) ??
    used[0] ??
    newest[0];
  return graph?.info.id ?? '';
}
