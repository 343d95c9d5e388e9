import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import { mkdtempSync, rmSync } from 'fs';
import { createServer } from 'net';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';

/** A cluster of this machine, with a token of its own. */
export interface ICluster {
  target: string;
  /** Lines of Python that make a kernel a client of it. */
  client: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a cluster by the command that users have, and waits until it can be reached. */
export async function startCluster(jobs: string): Promise<ICluster> {
  const home = mkdtempSync(join(tmpdir(), 'glnb-cluster-'));
  const port = await freePort();
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, PYTHONUNBUFFERED: '1' };
  for (const name of ['RAY_AUTH_MODE', 'RAY_AUTH_TOKEN', 'RAY_AUTH_TOKEN_PATH', 'RAY_ADDRESS', 'XDG_CACHE_HOME']) {
    delete env[name];
  }
  const command = ['-m', 'graphlab_nb.cli', 'cluster', 'up', '--jobs', jobs, '--port', String(port)];
  const made = spawn('python', [...command, '--cpus', '4', '--memory', '200'], { env, cwd: home });
  let said = '';
  made.stderr.on('data', data => (said += String(data)));
  const ended = once(made, 'exit');
  await new Promise<void>((resolve, reject) => {
    made.stdout.on('data', data => {
      said += String(data);
      if (/^Target: /m.test(said)) {
        resolve();
      }
    });
    void ended.then(() => reject(new Error(`The cluster did not begin:\n${said}`)));
  });
  return {
    target: `grpc://127.0.0.1:${port}`,
    client: `import os\nos.environ["RAY_AUTH_TOKEN_PATH"] = ${JSON.stringify(join(home, '.ray', 'auth_token'))}`,
    stop: async () => {
      await interrupted(made, ended);
      rmSync(home, { recursive: true, force: true });
    }
  };
}

async function interrupted(made: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (made.exitCode === null) {
    made.kill('SIGINT');
    const patience = setTimeout(() => made.kill('SIGKILL'), 30000);
    await ended;
    clearTimeout(patience);
  }
}
