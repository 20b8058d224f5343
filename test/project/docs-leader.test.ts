/** The documents on what a leader answers: their commands, typed while a job runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeClone, typeInto } from './clone.ts';
import { codeBlocks, commandsOf, type Command } from './markdown.ts';
import { ROOT } from './root.ts';

const COMMANDS_LIMIT_MS = 40_000;

function blocksOf(document: string, language: string) {
  return codeBlocks(readFileSync(join(ROOT, document), 'utf8')).filter((block) => block.language === language);
}

function commandsIn(document: string): Command[] {
  return blocksOf(document, 'sh').flatMap(commandsOf);
}

function typed(text: string): Command {
  return { text, line: 0, status: 0 };
}

test('docs/api.md and docs/events.md find the leader of a job, and are answered', { timeout: COMMANDS_LIMIT_MS + 10_000 }, async () => {
  const [ofApi, ofEvents] = [commandsIn('docs/api.md'), commandsIn('docs/events.md')];
  const isEndless = ({ text }: Command) => text.includes('/v1/events"');
  const ran = await typeInto(await makeClone(), [
    typed('rainstorm run -s cat --src examples/trips.csv --rate 10 --dest out --quiet --overwrite &'),
    typed('until ls .rainstorm/jobs/*/leader.json; do sleep 0.1; done 2> /dev/null'),
    // What is followed goes on until then.
    typed("(until grep -q '^event: rates' .bin/output-*; do sleep 0.1; done; rainstorm cancel) &"),
    ...ofApi,
    typed('rainstorm dashboard --no-open'),
    // All that a leader does has no end: its first event is enough.
    ...ofEvents.filter(isEndless).map(({ text }) => typed(`${text} 2> /dev/null | head -n 2`)),
    ...ofEvents.filter((command) => !isEndless(command)),
    typed('wait'),
  ], COMMANDS_LIMIT_MS);
  for (const { command, status, printed } of ran) expect(status, `${command.text}\n${printed}`).toBe(0);
  const printedBy = (text: string) => ran.filter(({ command }) => command.text.includes(text)).map(({ printed }) => printed);
  expect(printedBy('/v1/jobs"')[0]).toMatch(/"state":"(?:waiting|running)"/);
  expect(printedBy('/openapi.json')[0]).toContain('{"openapi":"3.1.');
  expect(printedBy('dashboard')[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/login\?code=\S+\n$/);
  expect(printedBy('/v1/events"')[0]).toMatch(/^event: jobs\ndata: \[\{/);
  expect(printedBy('$job/events"')[0]).toMatch(/event: job\n[^]*event: rates\n[^]*event: state\ndata: \{"state":"cancelled"\}/);
});

test('docs/monitoring.md configures Prometheus', () => {
  const [block] = blocksOf('docs/monitoring.md', 'yaml');
  expect(parse(block?.code ?? '')).toMatchObject({ scrape_configs: [{ job_name: 'rainstorm', honor_labels: true, static_configs: [{ targets: [expect.stringMatching(/:\d+$/)] }] }] });
});
