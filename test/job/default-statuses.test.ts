import { expect, test } from 'vitest';
import { defaultStatuses } from '../../src/job/default-statuses.ts';

test.each([['grep'], ['/usr/bin/egrep'], ['fgrep'], ['./rg']])('%s may find nothing', (program) => expect(defaultStatuses([program, 'x'])).toEqual([0, 1]));

test.each([['cat'], ['pgrep'], ['grep-all'], ['zgrep'], ['grep/run']])('%s must exit with 0', (program) => expect(defaultStatuses([program])).toEqual([0]));
