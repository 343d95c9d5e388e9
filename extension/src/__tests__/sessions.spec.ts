import { IDLE } from '../model';
import { IRunState } from '../protocol';
import { HOLD, SessionChoice } from '../views/sessions';

const ids = (...names: string[]) => names.map(id => ({ id }));

describe('which session is shown', () => {
  let choice: SessionChoice;
  let now: number;

  const run = (session: string | null, state: IRunState['state'] = 'running') => ({ ...IDLE, state, session });
  const after = (ms: number, sessions: { id: string }[], state: IRunState, kept = '') => {
    now += ms;
    choice.update(sessions, kept, state, now);
    return choice.shown;
  };

  beforeEach(() => {
    choice = new SessionChoice();
    now = 0;
  });

  it('is the older one where that trains', () => {
    expect(after(0, ids('new', 'old'), IDLE)).toBe('new');
    expect(after(100, ids('new', 'old'), run('old', 'busy'))).toBe('new');
    expect(after(100, ids('new', 'old'), run('old'))).toBe('old');
    expect(after(9000, ids('new', 'old'), { ...IDLE, session: 'old' })).toBe('old');
  });

  it('does not jump between two that run in turn', () => {
    after(0, ids('b', 'a'), run('a'));
    for (let i = 0; i < 50; i++) {
      expect(after(100, ids('b', 'a'), run(i % 5 ? 'b' : 'a'))).toBe('a');
    }
    expect(after(HOLD, ids('b', 'a'), run('b'))).toBe('b');
  });

  it('is the newest where one is opened while nothing runs, and not while another trains', () => {
    after(0, ids('a'), run('a'));
    expect(after(100, ids('b', 'a'), run('a'))).toBe('a');
    expect(after(100, ids('b', 'a'), run('a', 'paused'))).toBe('a');
    after(100, ids('b', 'a'), run('a', 'idle'));
    expect(after(100, ids('c', 'b', 'a'), run('a', 'idle'))).toBe('c');
  });

  it('is the one that was chosen by hand, as long as it is open', () => {
    expect(after(0, ids('b', 'a'), run('b'), 'a')).toBe('a');
    expect(after(9000, ids('b', 'a'), run('b'), 'a')).toBe('a');
    expect(after(100, ids('b'), run('b'), 'a')).toBe('b');
  });

  it('is none where there is none', () => {
    after(0, ids('a'), run('a'));
    expect(after(100, [], IDLE)).toBe('');
  });
});
