import { assert, property, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { JOBS_LINK, WORKERS_LINK, linkToJob, linkToTask, parseRoute } from '../../web/src/route.ts';

test('every view has a link that leads to it, whatever a job is called', () => {
  assert(property(string({ minLength: 1, unit: 'grapheme' }), stringMatching(/^\d{1,2}-\d{1,3}$/), (job, task) => {
    expect(parseRoute(linkToJob(job))).toEqual({ view: 'job', job });
    expect(parseRoute(linkToTask(job, task))).toEqual({ view: 'task', job, task });
  }));
  expect(parseRoute(JOBS_LINK)).toEqual({ view: 'jobs' });
  expect(parseRoute(WORKERS_LINK)).toEqual({ view: 'workers' });
  expect(parseRoute('')).toEqual({ view: 'jobs' });
});

test.each(['#/elsewhere', '#/jobs/', '#/jobs/a/b', '#/jobs/a/tasks', '#/jobs/a/tasks/1-0/more', '#/workers/w1'])('%s leads nowhere', (hash) => {
  expect(parseRoute(hash)).toEqual({ view: 'unknown' });
});

test('what is no encoding is taken as it stands', () => {
  expect(parseRoute('#/jobs/100%')).toEqual({ view: 'job', job: '100%' });
});
