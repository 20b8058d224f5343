import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/control/schemas.ts';
import type { JobHost } from '../../src/worker/job-host.ts';
import { JobHosts } from '../../src/worker/job-hosts.ts';

const JOB = 'j';

/** Only what they call of a host is there. */
function hosts(): { readonly jobs: JobHosts; readonly made: Deployment[] } {
  const made: Deployment[] = [];
  const make = (deployment: Deployment) => {
    made.push(deployment);
    return Promise.resolve({ job: deployment.job, checkTerm: () => undefined, end: () => Promise.resolve(), leave: () => Promise.resolve() } as unknown as JobHost);
  };
  return { jobs: new JobHosts(make, () => Promise.resolve()), made };
}

function deployment(term: number, version: number, job = JOB): Deployment {
  return { job, term, version } as Deployment;
}

describe('a job that was ended', () => {
  test('is not begun anew by a deployment that comes late', async () => {
    const { jobs, made } = hosts();
    await jobs.deploy(deployment(1, 1));
    await jobs.end(JOB, 1);
    await jobs.deploy(deployment(1, 2));
    expect(made).toHaveLength(1);
    expect(jobs.find(JOB)).toBeUndefined();
  });

  test('is not begun anew by a leader that was deposed, which hears so', async () => {
    const { jobs, made } = hosts();
    await jobs.deploy(deployment(2, 3));
    await jobs.end(JOB, 2);
    await expect(jobs.deploy(deployment(1, 2))).rejects.toMatchObject({ code: 'DEPOSED' });
    expect(made).toHaveLength(1);
  });

  test('is not begun anew where the end was all that was heard of it', async () => {
    const { jobs, made } = hosts();
    await jobs.end(JOB, 1);
    await jobs.deploy(deployment(1, 1));
    expect(made).toEqual([]);
  });

  test('is gone on with by a leader that has taken it over since', async () => {
    const { jobs, made } = hosts();
    await jobs.deploy(deployment(1, 1));
    await jobs.end(JOB, 1);
    await jobs.deploy(deployment(2, 2));
    expect(made).toHaveLength(2);
  });

  test('says nothing of another', async () => {
    const { jobs, made } = hosts();
    await jobs.end(JOB, 5);
    await jobs.deploy(deployment(1, 1, 'another'));
    expect(made).toHaveLength(1);
  });
});

test('a job that the leader does not name is left, not ended: it may be deployed again', async () => {
  const { jobs, made } = hosts();
  await jobs.deploy(deployment(1, 1));
  await jobs.leaveExcept([]);
  await jobs.deploy(deployment(1, 2));
  expect(made).toHaveLength(2);
});
