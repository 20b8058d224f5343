/** What the schema of a job file is put together from. */
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';

/** `error` for a type and each check of it: what is allowed. */
export function must(allowed: string): { readonly error: string } {
  return { error: allowed };
}

export function text(allowed: string) {
  return z.string(must(allowed)).min(1, { ...must(allowed), abort: true }).refine((value) => !value.includes('\0'), must(allowed));
}

export function whole(from: number, to: number, allowed = `a whole number from ${from} to ${to}`) {
  return z.int(must(allowed)).min(from, must(allowed)).max(to, must(allowed));
}

export function flag() {
  return z.boolean(must('true or false'));
}

/** The result of `read`; its `RainstormError` becomes a problem at this place in the file. */
export function attempt<Result>(context: z.RefinementCtx, path: string[], read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return problem(context, path, error.message, error.hint);
  }
}

export function problem(context: z.RefinementCtx, path: string[], message: string, hint: string | undefined): never {
  context.addIssue({ code: 'custom', message, path, params: { hint } });
  return z.NEVER;
}
