import { RainstormError } from '../base/errors.ts';
import { nearestName, oneOf } from './suggest.ts';

/** Exit statuses that one stage may end with. */
export interface StatusList {
  /** 1-based. */
  readonly stage: number;
  /** Each 0 to 255. */
  readonly statuses: readonly number[];
}

/**
 * Reads `STAGE=0,1`, as `--ok-exit` takes it. STAGE is a stage's 1-based number or its name, which must be that of one stage
 * only. Throws USAGE.
 */
export function parseStatusList(text: string, stages: readonly { readonly name: string }[]): StatusList {
  const equals = text.lastIndexOf('=');
  const statuses = text.slice(equals + 1).split(',').map((status) => status.trim());
  if (equals < 1) {
    throw new RainstormError('USAGE', `"${text}" is not of the form STAGE=STATUS[,STATUS…]`, { hint: 'As in 2=0,1 or grep=0,1.' });
  }
  const wrong = statuses.find((status) => !/^\d{1,3}$/.test(status) || Number(status) > 255);
  if (wrong !== undefined) {
    throw new RainstormError('USAGE', `"${wrong}" in "${text}" is no exit status`, { hint: 'Exit statuses are whole numbers from 0 to 255, separated by commas.' });
  }
  return { stage: findStage(text.slice(0, equals).trim(), stages), statuses: statuses.map(Number) };
}

function findStage(wanted: string, stages: readonly { readonly name: string }[]): number {
  if (/^\d+$/.test(wanted)) {
    const number = Number(wanted);
    if (number >= 1 && number <= stages.length) return number;
    throw new RainstormError('USAGE', `there is no stage ${wanted}: the job has ${stages.length === 1 ? 'one stage' : `${stages.length} stages`}`, {
      hint: 'Stages are numbered from 1.',
    });
  }
  const numbers = stages.flatMap((stage, index) => (stage.name === wanted ? [index + 1] : []));
  const [first, ...others] = numbers;
  if (first === undefined) {
    const names = stages.map((stage) => stage.name);
    const nearest = nearestName(wanted, names);
    throw new RainstormError('USAGE', `there is no stage "${wanted}"`, {
      hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Stages are ${names.map((name, index) => `${index + 1} ${name}`).join(', ')}.`,
    });
  }
  if (others.length > 0) {
    throw new RainstormError('USAGE', `several stages are named "${wanted}"`, { hint: `Give the number of the one that is meant: ${oneOf(numbers.map(String))}.` });
  }
  return first;
}
