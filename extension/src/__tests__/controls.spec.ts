import { trans } from './page';
import { stateText } from '../controls';
import { IDLE, Model } from '../model';
import { IRunState } from '../protocol';

// Icons need more of a page than jsdom has.
jest.mock('@jupyterlab/ui-components', () => ({ LabIcon: class {} }));

describe('the line beside the buttons', () => {
  const said = (run: Partial<IRunState>) => {
    const model = new Model();
    model.setLink({ state: 'connected', text: '' });
    model.run = { ...IDLE, ...run };
    return stateText(model, trans);
  };

  it('says that kernels are being compiled, where a run waits for them', () => {
    expect(said({ state: 'running', building: [3, 12] })).toBe('Compiling kernels, 3 of 12 are done …');
    expect(said({ state: 'busy', building: [0, 1] })).toBe('Compiling kernels for the device …');
    expect(said({ state: 'running', steps: 5, rate: 20 })).toBe('Step 5, 20 per second');
    expect(said({ state: 'idle', building: [3, 12] })).toBe('Idle');
    expect(said({ state: 'paused', steps: 5 })).toBe('Paused before step 6');
  });
});
