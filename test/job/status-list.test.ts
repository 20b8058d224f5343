import { expect, test } from 'vitest';
import { parseStatusList } from '../../src/job/status-list.ts';
import { failureOf } from './failure.ts';

const stages = ['filter', 'grep', 'cat', 'cat', 'a=b'].map((name) => ({ name }));

test.each([
  ['2=0,1', { stage: 2, statuses: [0, 1] }],
  ['grep=3', { stage: 2, statuses: [3] }],
  ['a=b=255', { stage: 5, statuses: [255] }],
  [' 1 = 0 , 1 ', { stage: 1, statuses: [0, 1] }],
])('%s', (text, list) => expect(parseStatusList(text, stages)).toEqual(list));

test.each([
  ['grep', 'USAGE "grep" is not of the form STAGE=STATUS[,STATUS…]\n> As in 2=0,1 or grep=0,1.'],
  ['=1', 'USAGE "=1" is not of the form STAGE=STATUS[,STATUS…]\n> As in 2=0,1 or grep=0,1.'],
  ['grep=', 'USAGE "" in "grep=" is no exit status\n> Exit statuses are whole numbers from 0 to 255, separated by commas.'],
  ['grep=0,256', 'USAGE "256" in "grep=0,256" is no exit status\n> Exit statuses are whole numbers from 0 to 255, separated by commas.'],
  ['6=1', 'USAGE there is no stage 6: the job has 5 stages\n> Stages are numbered from 1.'],
  ['0=1', 'USAGE there is no stage 0: the job has 5 stages\n> Stages are numbered from 1.'],
  ['gerp=1', 'USAGE there is no stage "gerp"\n> Stages are 1 filter, 2 grep, 3 cat, 4 cat, 5 a=b.'],
  ['flter=1', 'USAGE there is no stage "flter"\n> Did you mean filter? Stages are 1 filter, 2 grep, 3 cat, 4 cat, 5 a=b.'],
  ['cat=1', 'USAGE several stages are named "cat"\n> Give the number of the one that is meant: 3 or 4.'],
])('refused: %s', (text, expected) => expect(failureOf(() => parseStatusList(text, stages))).toBe(expected));
