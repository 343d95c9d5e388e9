/** What changed in a store. */
export type Change =
  | 'list'
  | 'graph'
  | 'picture'
  | 'selection'
  | 'hits'
  | 'settings'
  | 'only'
  | 'times'
  | 'busy'
  | 'marks'
  | 'placed'
  | 'folded';
