import { expect, makeNotebook, openPanel, outputOf, runCell, SMALL, test } from './lab';

const MORE = `
other = tf.Session()
other.run(tf.initialize_all_variables())
call = sess.make_callable(train, [x])
end = lambda: time.time() + 60`;

/** Ways in which people write loops. Each is paused, stepped and stopped. */
const LOOPS: { [name: string]: string } = {
  'prints and progress':
    'while time.time() < stop:\n    sess.run(train, feed)\n    print(".", end="")\n    time.sleep(0.01)',
  sleeps: 'while time.time() < stop:\n    sess.run(train, feed)\n    time.sleep(0.1)',
  'two sessions':
    'while time.time() < stop:\n    sess.run(train, feed)\n    other.run(train, feed)\n    time.sleep(0.005)',
  '.run()': 'while time.time() < stop:\n    train.run(feed)\n    time.sleep(0.005)',
  '.eval()': 'while time.time() < stop:\n    loss.eval(feed)\n    time.sleep(0.005)',
  'train and eval': 'while time.time() < stop:\n    train.run(feed)\n    loss.eval(feed)\n    time.sleep(0.005)',
  make_callable: 'while time.time() < stop:\n    call(feed[x])\n    time.sleep(0.005)',
  'catching errors': [
    'while time.time() < stop:\n    try:\n        sess.run(train, feed)\n    except Exception:\n        pass\n    time.sleep(0.005)'
  ].join('')
};

test('every way to write a loop is paused, stepped and stopped', async ({ page, tmpPath }) => {
  const names = Object.keys(LOOPS);
  const cells = names.map(name => `stop = end()\n${LOOPS[name]}`);
  await makeNotebook(page, tmpPath, 'loops.ipynb', [SMALL + MORE, ...cells]);
  const panel = await openPanel(page);
  await runCell(page, 0);
  await panel.is('idle');
  for (const [at, name] of names.entries()) {
    await test.step(name, async () => {
      await runCell(page, at + 1, false);
      await panel.is('running');
      await panel.button('pause').click();
      await panel.is('paused');
      // Where nothing trains, a step is a run.
      const [made, runs] = [await panel.madeByAll(), await panel.runs()];
      await page.waitForTimeout(150);
      expect([await panel.madeByAll(), await panel.runs()]).toEqual([made, runs]);
      await panel.step(3);
      if (name === '.eval()') {
        expect(await panel.runs()).toBe(runs + 3);
      } else {
        expect(await panel.madeByAll()).toBe(made + 3);
      }
      await panel.resume();
      await panel.stop();
      await expect(outputOf(page, at + 1)).toContainText('Training stopped');
    });
  }
});
