import { BrowserStore, ViewState } from '../viewstate';

describe('what views find again', () => {
  beforeEach(() => window.localStorage.clear());

  it('is kept in the browser, apart for each server and notebook', async () => {
    const store = new BrowserStore('http://one/');
    await store.save('a.ipynb', { 'panel.open': true });
    expect(await ViewState.kept(new BrowserStore('http://one/'), 'a.ipynb')).toEqual({ 'panel.open': true });
    expect(await ViewState.kept(store, 'b.ipynb')).toEqual({});
    expect(await ViewState.kept(new BrowserStore('http://two/'), 'a.ipynb')).toEqual({});
  });

  it('is nothing where it cannot be read', async () => {
    window.localStorage.setItem('http://one/ a.ipynb', '{"half');
    window.localStorage.setItem('http://one/ b.ipynb', '[1]');
    const store = new BrowserStore('http://one/');
    expect(await ViewState.kept(store, 'a.ipynb')).toEqual({});
    expect(await ViewState.kept(store, 'b.ipynb')).toEqual({});
    const forbidden = new BrowserStore('http://one/', () => {
      throw new Error('The browser keeps nothing');
    });
    expect(await ViewState.kept(forbidden, 'a.ipynb')).toEqual({});
    await expect(forbidden.save('a.ipynb', {})).rejects.toThrow('keeps nothing');
    expect(await ViewState.kept(null, 'a.ipynb')).toEqual({});
  });
});
