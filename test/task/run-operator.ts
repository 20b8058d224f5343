import { onTestFinished } from 'vitest';
import type { MemberExit } from '../../src/task/exit-verdict.ts';
import type { Member } from '../../src/task/operator-command.ts';
import { OperatorProcess } from '../../src/task/operator-process.ts';

/** A process or chain of the test, which notes all it hears of it and is ended with the test. */
export class RunningOperator {
  readonly exits: Promise<readonly MemberExit[]>;
  readonly heard: string[] = [];
  control = '';
  #process: OperatorProcess | undefined;
  #stdout: Buffer[] = [];
  #stderr = '';
  #drained: (() => void)[] = [];
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];
  readonly #tellExits: (exits: readonly MemberExit[]) => void;

  private constructor() {
    const { promise, resolve } = Promise.withResolvers<readonly MemberExit[]>();
    this.exits = promise;
    this.#tellExits = resolve;
  }

  static async start(members: readonly Member[], options: { env?: Record<string, string>; cwd?: string; control?: boolean } = {}): Promise<RunningOperator> {
    const running = new RunningOperator();
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...options.env };
    running.#process = await OperatorProcess.start({ members, env, cwd: options.cwd ?? '/', control: options.control ?? false }, {
      stdout: (chunk) => running.#hear(() => running.#stdout.push(chunk)),
      stdoutEnd: () => running.heard.push('stdoutEnd'),
      stderr: (chunk) => running.#hear(() => (running.#stderr += chunk.toString())),
      control: (chunk) => running.#hear(() => (running.control += chunk.toString())),
      drain: () => running.#goOn(),
      stdinClosed: () => {
        running.#hear(() => running.heard.push('stdinClosed'));
        running.#goOn();
      },
      exited: (exits) => {
        running.heard.push('exited');
        running.#tellExits(exits);
      },
    });
    onTestFinished(async () => {
      running.process.kill();
      await running.exits;
    });
    return running;
  }

  get process(): OperatorProcess {
    if (this.#process === undefined) throw new Error('the operator was started');
    return this.#process;
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get text(): string {
    return this.stdout.toString();
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when `until` is true of what has been heard. */
  async hears(until: () => boolean): Promise<void> {
    if (until()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ until, resolve });
    await promise;
  }

  /** Writes as a task does: no more before `drain`. */
  async feed(bytes: Buffer, done: () => void = () => undefined): Promise<void> {
    if (this.process.write(bytes, done)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained.push(resolve);
    await promise;
  }

  #goOn(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #hear(what: () => void): void {
    what();
    for (const waiting of this.#waiting) if (waiting.until()) waiting.resolve();
  }
}

/** Commands as members of a chain, with status 0 allowed unless told. */
export function chain(...commands: readonly (readonly string[])[]): Member[] {
  return commands.map((argv) => ({ shown: argv.join(' '), argv, okStatuses: [0] }));
}

export function sh(script: string): readonly string[] {
  return ['sh', '-c', script];
}
