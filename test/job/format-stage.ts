import type { StageSpec } from '../../src/job/stage-spec.ts';

/** Writes a stage in the grammar, quoting what needs it. */
export function formatStage(stage: StageSpec): string {
  const { program, key, tasks } = stage;
  let text = program.kind === 'operator' ? program.operator : 'cmd';
  if (program.kind === 'operator' && program.argument !== undefined) text += `=${quote(program.argument)}`;
  if (program.kind === 'command') text += `=${quoteCommand(program.commandLine)}`;
  if (key !== undefined) text += `@${key.kind === 'header' ? quote(key.name) : key.kind === 'line' ? 'line' : key.column}`;
  return tasks === 1 ? text : `${text}:${tasks}`;
}

/** Single quotes for all but single quotes, which go between double ones. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** A command line made with `quote` that has quotes of both kinds stays as it is: its own quotes protect what is in them. */
function quoteCommand(line: string): string {
  if (!line.includes('"')) return `"${line}"`;
  return line.includes("'") ? line : `'${line}'`;
}
