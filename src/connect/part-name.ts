/** Names in a folder of part files. Only names of exactly this form are ever replaced or removed there. */

const PART = /^part-(\d{5,})(\.partial)?$/;

/** Ends the name of what is being written, for files and parts alike. */
export const PARTIAL_SUFFIX = '.partial';

/** Written last: the folder's result is complete. */
export const SUCCESS_NAME = '_SUCCESS';

/** `part-00000` for task 0. */
export function partName(index: number): string {
  return `part-${String(index).padStart(5, '0')}`;
}

/** The task that a finished part is of, or undefined for any other name. */
export function partIndex(name: string): number | undefined {
  const match = PART.exec(name);
  return match === null || match[2] !== undefined ? undefined : Number(match[1]);
}

/** Whether the name is that of a half-written part. */
export function isPartialName(name: string): boolean {
  return PART.exec(name)?.[2] !== undefined;
}
