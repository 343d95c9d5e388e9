import { ISeriesInfo } from '../../protocol';
import { Direction } from './direction';

/** Which of a curve's values is the best. */
export type Best = 'min' | 'max';

const LOW = /loss|error|entropy|perplexity|^(err|mse|mae|rmse|ppl|costs?)$/;
const HIGH = /accura|precision|recall|score|validation|^(acc|auc|f1|top[0-9]+|right)$/;

/** The better end of a curve by its kind and name; null of what could be either. */
export function bestOf(name: string, kind: ISeriesInfo['kind'] = 'log'): Best | null {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (kind === 'loss' || words.some(word => LOW.test(word))) {
    return 'min';
  }
  return words.some(word => HIGH.test(word)) ? 'max' : null;
}

/** The better end of a curve whose name does not tell, by where it goes: who trains wants it there. */
export function bestBy(direction: Direction, before: Best = 'min'): Best {
  return direction === 'rising' ? 'max' : direction === 'falling' ? 'min' : before;
}
