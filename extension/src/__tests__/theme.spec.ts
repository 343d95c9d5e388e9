import { contrast, luminance, mixed, Theme } from '../theme';

describe('theme', () => {
  it('knows light from dark in all the forms that themes use', () => {
    expect(luminance('#fff')).toBeCloseTo(1);
    expect(luminance('#111111')).toBeLessThan(0.1);
    expect(luminance('rgb(255 255 255)')).toBeCloseTo(1);
    expect(luminance('rgba(17, 17, 17, 1)')).toBeLessThan(0.1);
    expect(luminance('black')).toBe(0);
  });

  it('reads colours anew when asked to', () => {
    const theme = new Theme();
    expect(theme.colors.dark).toBe(false);
    document.body.style.setProperty('--jp-layout-color1', '#111');
    let told = 0;
    theme.changed.connect(() => (told += 1));
    theme.refresh();
    expect([theme.colors.dark, told]).toEqual([true, 1]);
    expect(theme.colors.background).toBe('#111');
  });

  it('draws faint lines behind things in themes of high contrast, too', () => {
    const { style } = document.body;
    const set = (background: string, line: string) => {
      style.setProperty('--jp-layout-color1', background);
      style.setProperty('--jp-border-color2', line);
      return new Theme().colors;
    };
    for (const [background, line] of [
      ['#111111', '#ffffff'],
      ['white', 'black']
    ]) {
      const colors = set(background, line);
      expect([colors.strong, colors.line]).toEqual([true, line]);
      expect(contrast(colors.grid, background)).toBeLessThan(2.2);
      expect(contrast(colors.grid, background)).toBeGreaterThan(1.2);
    }
    const plain = set('#ffffff', '#d0d7de');
    expect([plain.strong, plain.grid]).toEqual([false, '#d0d7de']);
    expect(contrast('#000', '#fff')).toBeCloseTo(21);
    expect(mixed('#ffffff', 'rgb(0 0 0)', 0.5)).toBe('rgb(128, 128, 128)');
    expect(mixed('var(--x)', '#000', 0.5)).toBe('var(--x)');
    ['--jp-layout-color1', '--jp-border-color2'].forEach(name => style.removeProperty(name));
  });
});
