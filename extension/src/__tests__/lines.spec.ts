import { followLine } from '../lines';

const RAN = ['import x', 'a = 1', '', 'b = f(a)', 'b = f(a)', 'print(b)'];

describe('a line of a cell that was edited', () => {
  const at = (line: number, other: readonly string[]) => {
    const { line: found, same } = followLine(line, RAN, other);
    return same ? found : `about ${found}`;
  };

  it('stays where nothing was changed', () => {
    expect([1, 2, 3, 6].map(line => at(line, RAN))).toEqual([1, 2, 3, 6]);
  });

  it('moves with lines that came above it, and with those that went', () => {
    const more = ['# one', '# two', ...RAN];
    expect([1, 4, 6].map(line => at(line, more))).toEqual([3, 6, 8]);
    expect(followLine(6, more, RAN)).toEqual({ line: 4, same: true });
    expect(at(6, RAN.slice(2))).toBe(4);
    expect(at(1, RAN.slice(2))).toBe('about 1');
  });

  it('is found by its words where there were changes above and below it', () => {
    const other = ['import y', 'import x', '    a = 1', 'b = f(a)', 'c = 0', 'b = f(a)', 'print(b, c)'];
    expect([2, 4, 5].map(line => at(line, other))).toEqual([3, 4, 6]);
    expect([3, 6].map(line => at(line, other))).toEqual(['about 3', 'about 6']);
    expect(at(5, ['import y', 'b = f(a)', 'print()'])).toBe(2);
  });

  it('is somewhere in any text', () => {
    expect(at(4, [''])).toBe('about 1');
    expect(at(4, [])).toBe('about 1');
    expect(followLine(9, RAN, RAN)).toEqual({ line: 9, same: false });
    expect(followLine(1, [], ['a'])).toEqual({ line: 2, same: false });
  });
});
