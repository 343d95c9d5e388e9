import { luminance, Theme } from '../theme';

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
});
