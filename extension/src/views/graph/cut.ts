/** A text that fits, with "…" in its middle where it is too long: names differ at both ends. */
export function cutText(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) {
    return text;
  }
  const letters = Array.from(text);
  let [fits, tooMany] = [0, letters.length];
  const cut = (n: number) => {
    const head = Math.ceil(n / 2);
    return letters.slice(0, head).join('') + '…' + letters.slice(letters.length - (n - head)).join('');
  };
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (measure(cut(middle)) <= room) {
      fits = middle;
    } else {
      tooMany = middle;
    }
  }
  return fits > 0 ? cut(fits) : '';
}
