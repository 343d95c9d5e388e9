/** A line of a text, from 1 on, and whether it is the one that was looked for; else it stands about where that was. */
export interface ILine {
  line: number;
  same: boolean;
}

/**
 * Where a line of a text is in another one that an edit has made of it, or that it was made of: what begins and ends alike stays
 * where it is, and what lies between is found again by its words.
 */
export function followLine(line: number, text: readonly string[], other: readonly string[]): ILine {
  const at = line - 1;
  const least = Math.min(text.length, other.length);
  let first = 0;
  while (first < least && text[first] === other[first]) {
    first++;
  }
  let last = 0;
  while (last < least - first && text[text.length - 1 - last] === other[other.length - 1 - last]) {
    last++;
  }
  if (at < first) {
    return { line, same: true };
  }
  if (at >= text.length - last) {
    return { line: line + other.length - text.length, same: at < text.length };
  }
  const words = text[at].trim();
  const among = (lines: readonly string[]) =>
    words === '' ? [] : [...lines.keys()].slice(first, lines.length - last).filter(k => lines[k].trim() === words);
  const [here, there] = [among(text), among(other)];
  const found =
    here.length === there.length
      ? there[here.indexOf(at)]
      : [...there].sort((a, b) => Math.abs(a - at) - Math.abs(b - at))[0];
  const near = Math.max(0, Math.min(at, other.length - 1 - last));
  return { line: (found ?? near) + 1, same: found !== undefined };
}
