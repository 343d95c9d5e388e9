import { ISceneOptions } from '../../graph/types';
import { ViewState } from '../../viewstate';
import { ICamera, isCamera } from './camera';

/** What boxes are coloured by. */
export const COLORINGS = ['none', 'structure', 'device', 'dtype', 'time', 'memory'] as const;
export type Coloring = (typeof COLORINGS)[number];

/** How a graph is shown; kept for each graph's label. */
export interface ISettings {
  open: string[];
  coloring: Coloring;
  fold: boolean;
  setAside: boolean;
  aside: string[];
  back: string[];
  hidden: string[];
  trace: boolean;
  /** Whether what earlier executions of cells made is shown as well. */
  earlier: boolean;
  camera: ICamera | null;
  /** A box that was seen and its place then: layouts differ a little from time to time. */
  seen: { id: string; x: number; y: number } | null;
}

export const DEFAULTS: ISettings = {
  open: [],
  coloring: 'structure',
  fold: true,
  setAside: true,
  aside: [],
  back: [],
  hidden: [],
  trace: false,
  earlier: false,
  camera: null,
  seen: null
};

/** Reads settings that were kept; what is not understood is as if it had not been kept. */
export function readSettings(state: ViewState, label: string): ISettings {
  const kept = state.get<{ [name: string]: never }>(nameOf(label), {}) as { [name: string]: unknown } | null;
  const names = (value: unknown) =>
    Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];
  const flag = (value: unknown, otherwise: boolean) => (typeof value === 'boolean' ? value : otherwise);
  return {
    open: names(kept?.open),
    coloring: COLORINGS.find(coloring => coloring === kept?.coloring) ?? DEFAULTS.coloring,
    fold: flag(kept?.fold, DEFAULTS.fold),
    setAside: flag(kept?.setAside, DEFAULTS.setAside),
    aside: names(kept?.aside),
    back: names(kept?.back),
    hidden: names(kept?.hidden),
    trace: flag(kept?.trace, DEFAULTS.trace),
    earlier: flag(kept?.earlier, DEFAULTS.earlier),
    camera: isCamera(kept?.camera) ? { x: kept.camera.x, y: kept.camera.y, scale: kept.camera.scale } : null,
    seen: isSeen(kept?.seen) ? { id: kept.seen.id, x: kept.seen.x, y: kept.seen.y } : null
  };
}

/** Keeps settings for the graph of a label. */
export function writeSettings(state: ViewState, label: string, settings: ISettings): void {
  const { camera, seen } = settings;
  const round = (n: number) => Math.round(n * 1000) / 1000;
  state.set(nameOf(label), {
    ...settings,
    camera: camera && { x: round(camera.x), y: round(camera.y), scale: Math.round(camera.scale * 1e6) / 1e6 },
    seen: seen && { id: seen.id, x: round(seen.x), y: round(seen.y) }
  });
}

/** What a scene is built with; see there. */
export function sceneOptions(
  settings: ISettings,
  failed: number,
  only: number[] | null,
  earlier: Uint8Array | null
): ISceneOptions {
  const { open, fold, setAside, aside, back, hidden } = settings;
  return { open, foldSeries: fold, setAside, aside, back, hiddenTypes: hidden, only, earlier, failed };
}

/** The change of settings that takes an operation or scope out of the picture's flow. */
export function asideWith({ aside, back }: ISettings, name: string): Partial<ISettings> {
  return { aside: [...aside.filter(other => other !== name), name], back: back.filter(other => other !== name) };
}

/** The change of settings that brings what was set aside back. */
export function backWith({ aside, back }: ISettings, names: readonly string[]): Partial<ISettings> {
  const known = new Set(names);
  return {
    aside: aside.filter(other => !known.has(other)),
    back: [...back.filter(other => !known.has(other)), ...names]
  };
}

function isSeen(value: unknown): value is { id: string; x: number; y: number } {
  const seen = value as ISettings['seen'];
  return !!seen && typeof seen.id === 'string' && isFinite(seen.x) && isFinite(seen.y);
}

function nameOf(label: string): string {
  return `graph.of:${label}`;
}
