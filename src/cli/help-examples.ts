/** An example for each command, shown at the end of its help. Those of `run` stand with its flags. */
import type { Command } from 'commander';

const EXAMPLES: Readonly<Record<string, string>> = {
  leader: 'rainstorm leader --listen 0.0.0.0:7070 --token-file token.txt --data-dir /var/lib/rainstorm',
  worker: 'rainstorm worker --leader http://leader:7070 --token-file token.txt --listen 0.0.0.0:7071 --advertise "$(hostname)"',
  jobs: 'rainstorm jobs --json',
  tasks: 'rainstorm tasks --all',
  logs: "rainstorm logs 2-0 --grep 'RESTART|STDERR' --follow",
  dashboard: 'rainstorm dashboard --no-open',
  'kill-task': 'rainstorm kill-task 2-0',
  scale: 'rainstorm scale 2 4',
  cancel: 'rainstorm cancel --job 20250301-120000-0abcd',
  clean: 'rainstorm clean --keep-jobs 3',
  check: "rainstorm check 'sort -u' --contract fold",
  try: "rainstorm try --stages 'filter=Stop,aggregate=7' --src in.csv",
  explain: "rainstorm explain --stages 'filter=Stop,aggregate=7:3' --src in.csv",
  top: 'rainstorm top',
  demo: 'rainstorm demo 2 --seconds 5',
  generate: 'rainstorm generate --rows 100000 --seed 7 --out many.csv',
  completion: 'source <(rainstorm completion bash)',
};

const FIRST_STEPS = `
Examples:
    rainstorm run --stages 'filter=Stop,aggregate=7:3' --src in.csv --dest out.csv
    rainstorm tasks
    rainstorm run --help
`;

export function addExamples(program: Command): void {
  program.addHelpText('after', FIRST_STEPS);
  for (const command of program.commands) {
    const example = EXAMPLES[command.name()];
    if (example !== undefined) command.addHelpText('after', `\nExample:\n  ${example}\n`);
  }
}
