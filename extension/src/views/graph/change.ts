/** What changed in a store. */
export type Change =
  'list' | 'graph' | 'picture' | 'selection' | 'hits' | 'settings' | 'times' | 'busy' | 'marks' | 'placed' | 'folded';
