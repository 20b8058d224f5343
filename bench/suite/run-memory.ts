/** Runs cases once more for their memory, apart from the times: looking at processes takes some itself. */
import type { Case } from './cases.ts';
import { INPUTS } from './data.ts';
import type { Memory } from './memory.ts';
import { peaksOf } from './peaks.ts';
import { argvOf } from './run-case.ts';

/** A chain of our operators, one with a shuffle, one of commands: what there is to hold memory. */
const MEASURED = ['a', 'b', 'd'];

/** Of those among `cases` that it is measured for. */
export async function runMemory(cases: readonly Case[], folder: string): Promise<Memory[]> {
  const memory: Memory[] = [];
  for (const one of cases.filter(({ name }) => MEASURED.includes(name))) {
    console.error(`memory: case ${one.name}`);
    memory.push({ name: one.name, peaks: await peaksOf(argvOf(one, INPUTS[one.input]), folder) });
  }
  return memory;
}
