/** What the programs of a task print without any fault but that some of them die of certain lines. */
import { frail, makeProgram, type Program } from './programs.ts';
import type { StageShape } from './shape.ts';

export interface Printed {
  readonly lines: readonly string[];
  /** The last of it is what one printed before it died of a line that is not left out. */
  readonly dead: boolean;
  /** What its successors begin with. */
  readonly left: readonly string[];
}

/**
 * `pieces`: the lines of its task's journal that are not left out, from cut to cut. `begins`: what it was left by a generation
 * before. `superseded`: it hands over to the next.
 */
export function undisturbed({ contract, program, frailty }: Pick<StageShape, 'contract' | 'program' | 'frailty'>, pieces: readonly (readonly string[])[], begins: readonly string[], superseded: boolean): Printed {
  const copy = () => frail(makeProgram(program, contract === 'snapshot' ? stateOf(begins) : ''), frailty);
  if (contract === 'fold') return fold(copy, pieces, begins, superseded);
  if (contract === 'replay' && superseded) return { lines: [], dead: false, left: [...begins, ...pieces.flat()] };
  const whole = contract === 'replay' ? [...begins, ...pieces.flat()] : pieces.flat();
  const input = contract === 'restart' ? pieces.filter((piece, index) => index === 0 || piece.length > 0) : [whole];
  const out: string[] = [];
  let left: readonly string[] = [];
  for (const piece of input) {
    const made = run(copy(), piece, contract === 'snapshot' && superseded);
    out.push(...made.lines);
    left = made.left;
    if (made.dead) return { ...made, lines: out };
  }
  return { lines: out, dead: false, left };
}

/** What programs hand out is as one line for each key; nothing where it belongs to no key. */
function stateOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `[${lines.map((line) => JSON.stringify([line.slice(0, line.indexOf(',')), JSON.parse(line.slice(line.indexOf(',') + 1))])).join(',')}]`;
}

function linesOfState(state: string): string[] {
  return state.startsWith('[') ? (JSON.parse(state) as [string, unknown][]).map(([key, value]) => `${key},${JSON.stringify(value)}`) : [];
}

/** What a copy prints at a cut is no output; what the last one prints is, as it comes: so it goes out even where that one dies then. */
function fold(copy: () => Program, pieces: readonly (readonly string[])[], begins: readonly string[], superseded: boolean): Printed {
  let state: readonly string[] = begins;
  for (const [index, piece] of pieces.entries()) {
    // Who hands over and was given nothing is not asked.
    if (superseded && index === pieces.length - 1 && piece.length === 0 && state.length === 0) break;
    const made = run(copy(), [...state, ...piece]);
    if (made.dead) return { lines: superseded || index < pieces.length - 1 ? [] : made.lines, dead: true, left: [] };
    state = made.lines;
  }
  return superseded ? { lines: [], dead: false, left: state } : { lines: state, dead: false, left: [] };
}

/** `asked`: at the end it hands its state out, instead of seeing that end. */
function run(program: Program, lines: readonly string[], asked = false): Printed {
  const out: string[] = [];
  for (const line of lines) {
    if (program.enough) return { lines: out, dead: false, left: [] };
    out.push(...program.line(line));
    if (program.dead === true) return { lines: out, dead: true, left: [] };
  }
  return asked ? { lines: out, dead: false, left: linesOfState(program.state()) } : { lines: [...out, ...program.end()], dead: false, left: [] };
}
