/** The code blocks of a document, with what the text around them promises. */

export interface CodeBlock {
  /** The word behind the fence: `sh`, `text`, `yaml` … */
  readonly language: string;
  readonly code: string;
  /** Of the line behind the fence, from 1. */
  readonly line: number;
  /** What the last command of a `sh` block ends with: 0 unless the paragraph before it ends in "exit status N:". */
  readonly status: number;
  /** The `text` block that follows: what a `sh` block prints. `…` in it stands for anything, alone on a line for any lines. */
  readonly printed: string | undefined;
}

const FENCED = /^```(\w*)\n(.*?)^```$/gms;
const STATUS = /exit status (\d+):\s*$/;

export function codeBlocks(markdown: string): CodeBlock[] {
  const matches = [...markdown.matchAll(FENCED)];
  return matches.map((match, index) => {
    const [whole, language = '', code = ''] = match;
    const next = matches[index + 1];
    const between = next === undefined ? undefined : markdown.slice(match.index + whole.length, next.index);
    const promised = STATUS.exec(markdown.slice(0, match.index));
    return {
      language,
      code,
      line: markdown.slice(0, match.index).split('\n').length + 1,
      status: promised === null ? 0 : Number(promised[1]),
      printed: between?.trim() === '' && next?.[1] === 'text' ? next[2] : undefined,
    };
  });
}

export interface Command {
  readonly text: string;
  readonly line: number;
  readonly status: number;
}

/** The commands of a block, a line each; a line that ends in a backslash goes on in the next. */
export function commandsOf(block: CodeBlock): Command[] {
  const commands: Command[] = [];
  let text = '';
  for (const [offset, line] of block.code.trimEnd().split('\n').entries()) {
    text += text === '' ? line : `\n${line}`;
    if (line.endsWith('\\')) continue;
    commands.push({ text, line: block.line + offset, status: 0 });
    text = '';
  }
  return commands.map((command, index) => (index === commands.length - 1 ? { ...command, status: block.status } : command));
}

/** A pattern for what a `text` block shows. */
export function patternOf(printed: string): RegExp {
  const lines = printed.trimEnd().split('\n').map((line) => (line === '…' ? String.raw`(?:.*\n)*?` : `${escape(line).replaceAll('…', '.*')}\n`));
  return new RegExp(`^${lines.join('')}$`);
}

/** The cells in code font of a table's first column, for the table whose header begins so. */
export function firstColumn(markdown: string, header: string): string[] {
  const start = markdown.indexOf(`\n| ${header} |`);
  if (start === -1) throw new Error(`there is no table that begins with ${header}`);
  const rows = markdown.slice(start + 1).split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((cell) => cell[1] ?? ''));
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
