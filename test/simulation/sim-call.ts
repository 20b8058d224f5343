/** What a leader says to a worker: it may be late, be said twice, or get lost, and so may the answer. */
import { RainstormError } from '../../src/base/errors.ts';
import { workerRoutes } from '../../src/control/routes.ts';
import type { Deployment, WorkerInfo } from '../../src/control/schemas.ts';
import { JOB } from './shape.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimWorker } from './sim-worker.ts';
import type { World } from './world.ts';

export interface Call {
  readonly route: unknown;
  readonly body: unknown;
  readonly term: number;
}

/** Of so many calls one goes wrong in each of the ways, where the seed has calls go wrong. */
const WRONG_ONE_IN = 8;

/** Whoever asks gives up after so many turns, in which what was asked may happen all the same. */
const PATIENCE_TURNS = 6;

export function callWorker(world: World, leader: SimProcess, info: WorkerInfo, call: Call): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const { faults, scheduler } = world;
  const answer = (act: () => void) => leader.later(act);
  const unreachable = () => reject(new RainstormError('UNREACHABLE', `nobody answers at ${info.url}`));
  const goesWrong = () => world.callsGoWrong && leader.chance(WRONG_ONE_IN);
  const worker = world.workerAt(info.pid);
  if (worker === undefined) throw new Error(`worker ${info.worker} was never there`);
  worker.process.whenDead(() => answer(unreachable));
  const late = goesWrong();
  if (late || worker.process.state === 'frozen') void giveUp(leader, PATIENCE_TURNS, unreachable);
  if (late) faults.count('callsLate');
  const body = structuredClone(call.body);
  const arrive = async () => {
    if (worker.ending) return answer(unreachable);
    try {
      if (!leader.alive || world.leader.process !== leader) faults.count('deposedCalls');
      await obey(worker, call, body);
      if (goesWrong()) {
        faults.count('answersLost');
        answer(unreachable);
      } else answer(() => resolve({ ok: true }));
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (error.code === 'DEPOSED') faults.count('oldCallsRefused');
      answer(() => reject(error));
    }
  };
  if (goesWrong()) {
    faults.count('callsLost');
    answer(unreachable);
  } else scheduler.later(() => worker.process.run(() => void arrive()));
  return promise;
}

async function giveUp(leader: SimProcess, turns: number, unreachable: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await leader.pause();
  unreachable();
}

async function obey(worker: SimWorker, { route, term }: Call, body: unknown): Promise<void> {
  switch (route) {
    case workerRoutes.deploy:
      return worker.jobs.deploy(body as Deployment);
    case workerRoutes.start:
      return worker.jobs.start(JOB, term);
    case workerRoutes.publish:
      return worker.jobs.publish(JOB, term);
    case workerRoutes.end:
      return worker.jobs.end(JOB, term);
    default:
      throw new Error('a route that no leader uses');
  }
}
