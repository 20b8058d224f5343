// Writes docs/reference.md from the command line's own definitions and the schema of job files. With --check it only says
// whether that is fresh.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeProgram } from '../src/cli/program.ts';
import { allowedKeys, jobSchema } from '../src/job/job-schema.ts';
import { AUTOSCALE_KEYS, JOB_KEYS, STAGE_KEYS } from './reference-keys.mjs';

const TARGET = fileURLToPath(new URL('../docs/reference.md', import.meta.url));

/** No key takes it. */
const WRONG = Symbol('of no type');

const text = `<!-- Written by npm run docs: change the definitions in src/cli and scripts/reference-keys.mjs instead. -->

# Reference

Sizes are bytes, or a number and KiB, MiB, GiB, kB, MB or GB; durations a number and ms, s, min or h. Rates are tuples a second.

## Job file

A YAML file, given to \`rainstorm run\`; flags override it. Relative paths start from the folder that the command runs in.

${keyTable('key', JOB_KEYS, [], (key) => ({ [key]: WRONG }))}

## Stage

An entry of \`stages\`: a text as \`--stage\` takes it, or

${keyTable('key of a stage', STAGE_KEYS, ['stages', 0], (key) => ({ stages: [{ [key]: WRONG }] }))}

## Autoscaling

\`autoscale\` of the job (\`auto\`, or keys), or of a stage (\`off\`, or keys):

${keyTable('key of autoscale', AUTOSCALE_KEYS, ['stages', 0, 'autoscale'], (key) => ({ stages: [{ autoscale: { [key]: WRONG } }] }))}

## Environment

| variable | is |
| --- | --- |
| \`RAINSTORM_TOKEN\` | the leader's token, where \`--token-file\` does not name one |

${commandsOf(makeProgram(() => undefined)).map(commandText).join('\n\n')}
`;

if (!process.argv.includes('--check')) await writeFile(TARGET, text);
else if ((await readFile(TARGET, 'utf8')) !== text) throw new Error(`${TARGET} is not what it is written from: npm run docs`);

function keyTable(title, described, path, example) {
  const keys = allowedKeys(path);
  const wrong = [...keys.filter((key) => !(key in described)), ...Object.keys(described).filter((key) => !keys.includes(key))];
  if (wrong.length > 0) throw new Error(`scripts/reference-keys.mjs and the schema differ in ${wrong.join(', ')}`);
  const rows = Object.entries(described).map(([key, [meaning, otherwise]]) => [`\`${key}\``, allowed(jobSchema.safeParse(example(key)).error.issues, key), meaning, otherwise]);
  return table([title, 'value', 'means', 'default'], rows);
}

/** What the schema says that the value of the key must be. */
function allowed(issues, key) {
  const found = deepIssues(issues).find(({ path }) => path.at(-1) === key);
  if (found === undefined) throw new Error(`the schema does not say what ${key} must be`);
  return found.message;
}

function deepIssues(issues) {
  return issues.flatMap((issue) => [issue, ...(issue.errors ?? []).flatMap(deepIssues)]);
}

function commandsOf(program) {
  return program.commands.filter((command) => command.name() !== 'help');
}

function commandText(command) {
  const names = [command.name(), ...command.aliases()].map((name) => `\`${name}\``);
  const others = names.length > 1 ? ` Also called ${names.slice(1).join(' and ')}.` : '';
  const args = command.registeredArguments.map((argument) => [`\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``, '', ...meaning(argument)]);
  const options = command.options.filter(({ hidden }) => !hidden).map((option) => [`\`${flagsOf(option)}\``, valueOf(option), ...meaning(option)]);
  return `## rainstorm ${command.name()}\n\n${sentence(command.description())}.${others}\n\n${table(['argument or flag', 'value', 'means', 'default'], [...args, ...options])}`;
}

/** `-s, --stage`, without its value. */
function flagsOf({ flags }) {
  return flags.replace(/ [<[].*$/, '');
}

function valueOf({ flags, argChoices }) {
  if (argChoices !== undefined) return argChoices.map((choice) => `\`${choice}\``).join(', ');
  return (/[<[](.*)[>\]]$/.exec(flags)?.[1] ?? '').replace('...', ', several');
}

/** The description without its default, and the default. */
function meaning({ description, defaultValue }) {
  const [, told, otherwise] = /^(.*?)(?: \(default: (.*)\))?$/s.exec(description) ?? [];
  return [told, otherwise ?? (defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : `\`${defaultValue}\``)];
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`.replaceAll(/\| {2}(?=\|)/g, '| ');
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
