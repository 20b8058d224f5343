import { Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { RainstormError, messageOf } from '../base/errors.ts';
import { allowedKeys, jobSchema } from './job-schema.ts';
import type { RateStep } from './rate-schedule.ts';
import type { ScalePolicy } from './scale-policy.ts';
import type { Format, LogTuples, StageSpec } from './stage-spec.ts';
import { nearestName, shorten } from './suggest.ts';

/** What a job file says; what it leaves away is for flags and defaults to decide. */
export interface JobFile {
  readonly stages?: readonly StageSpec[] | undefined;
  /** Relative paths here, in `dest` and in a stage's `cwd` start, like those of flags, from the folder the command runs in. */
  readonly sources?: readonly string[] | undefined;
  readonly dest?: string | undefined;
  readonly format?: Format | undefined;
  readonly header?: boolean | undefined;
  readonly outputHeader?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
  readonly rate?: readonly RateStep[] | undefined;
  /** 1 to 256. */
  readonly workers?: number | undefined;
  readonly maxTupleBytes?: number | undefined;
  readonly locale?: string | undefined;
  readonly lineBuffered?: boolean | undefined;
  readonly fuse?: boolean | undefined;
  readonly logTuples?: LogTuples | undefined;
  readonly autoscale?: ScalePolicy | undefined;
}

/** Problems shown at once: more would scroll the first ones off a screen. */
const MAX_SHOWN_PROBLEMS = 10;

interface Problem {
  readonly offset: number;
  readonly message: string;
}

/**
 * Reads a job file. `path` is how the user named it, for messages.
 * Throws JOB_FILE with all problems found, each as `file:line:column: …` with the path in the file, the value and what is allowed.
 */
export function parseJobFile(text: string, path: string): JobFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings].map((error) => ({ offset: error.pos[0], message: error.message }));
  if (broken.length > 0) throw jobFileError(broken, path, lines);
  const value = toValue(document, path, lines);
  const result = jobSchema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describeIssue(issue, [], document, value));
    throw jobFileError(problems, path, lines);
  }
  return toJobFile(result.data);
}

/** What a job file could say, from a program; `value` has the same keys. Throws USAGE with all problems found. */
export function readJobKeys(value: object): JobFile {
  const result = jobSchema.safeParse(value);
  if (result.success) return toJobFile(result.data);
  const document = new Document(value);
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, [], document, value));
  const messages = problems.slice(0, MAX_SHOWN_PROBLEMS).map((problem) => problem.message);
  // What to do about a single problem is a hint as any other; of several, each says its own.
  const [message = '', hint] = messages.length === 1 ? (messages[0] ?? '').split('\n  ') : [messages.join('\n')];
  throw new RainstormError('USAGE', message, hint === undefined ? {} : { hint });
}

function toJobFile({ src, maxTuple, ...rest }: z.output<typeof jobSchema>): JobFile {
  return { ...rest, sources: src, maxTupleBytes: maxTuple };
}

function toValue(document: Document, path: string, lines: LineCounter): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias without an anchor, or too many of them.
    throw jobFileError([{ offset: 0, message: messageOf(error) }], path, lines);
  }
}

function jobFileError(problems: readonly Problem[], path: string, lines: LineCounter): RainstormError {
  const shown = problems.toSorted((a, b) => a.offset - b.offset).slice(0, MAX_SHOWN_PROBLEMS).map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`;
  });
  const more = problems.length - shown.length;
  return new RainstormError('JOB_FILE', more > 0 ? `${shown.join('\n')}\nand ${more} more` : shown.join('\n'));
}

type Path = readonly PropertyKey[];

function describeIssue(issue: z.core.$ZodIssue, base: Path, document: Document, value: unknown): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    // The alternative that the value was meant to be is the one whose own type fits.
    const meant = issue.errors.find((issues) => !issues.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0));
    if (meant !== undefined) return meant.flatMap((inner) => describeIssue(inner, path, document, value));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ offset: offsetOfKey(document, path, key), message: describeUnknownKey(path, key) }));
  }
  const offset = offsetOf(document, path);
  if (issue.code !== 'custom' || issue.params === undefined) {
    return [{ offset, message: `${formatPath(path)} is ${formatValue(valueAt(value, path))}; it must be ${issue.message}` }];
  }
  const hint: unknown = issue.params['hint'];
  return [{ offset, message: `${formatPath(path)}: ${issue.message}${typeof hint === 'string' ? `\n  ${hint}` : ''}` }];
}

function describeUnknownKey(path: Path, key: string): string {
  const allowed = allowedKeys(path);
  const nearest = nearestName(key, allowed);
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${formatPath([...path, key])}: there is no such key${guess}\n  Allowed: ${allowed.join(', ')}`;
}

/** Where the innermost part of the path that is in the file begins. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function offsetOfKey(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isMap(map)) {
    for (const { key: node } of map.items) {
      if (isScalar(node) && String(node.value) === key && node.range) return node.range[0];
    }
  }
  return offsetOf(document, path);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner: unknown, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), value);
}

/** `stages[1].env.HOME`; the whole file for the empty path. */
function formatPath(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.map((key, index) => {
    if (typeof key === 'number') return `[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
    return index === 0 ? name : `.${name}`;
  }).join('');
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (typeof value === 'number') return String(value);
  return shorten(JSON.stringify(value), 60);
}
