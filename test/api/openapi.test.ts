/** The description of the API, and what it describes. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { makeOpenApi, type OpenApi } from '../../src/api/openapi.ts';
import { schemaText } from '../../src/api/schema-text.ts';
import { ERROR_CODES } from '../../src/base/errors.ts';
import { site } from './browser.ts';

/** Pages for browsers are no part of the API. fastify names /assets/* by its end only. */
const PAGES = ['/', '/*', '/docs', '/docs/style.css', '/login'];

async function document(): Promise<OpenApi> {
  const { askWithToken } = await site();
  const { status, headers, body } = await askWithToken('/openapi.json');
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  return JSON.parse(body) as OpenApi;
}

describe('the document', () => {
  test('is one of OpenAPI 3.1, every reference in it leads somewhere', async () => {
    const found = await document();
    expect(found.openapi).toMatch(/^3\.1\./);
    expect(await new Validator().validate(structuredClone(found) as unknown as Record<string, unknown>)).toEqual({ valid: true });
    const references = [...JSON.stringify(found).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    const components = found.components as unknown as Record<string, Record<string, unknown>>;
    expect(references.filter(([, kind = '', name = '']) => components[kind]?.[name] === undefined)).toEqual([]);
  });

  test('describes every route that is served, and none that is not', async () => {
    const { routes } = await site();
    const served = routes().filter((route) => !PAGES.includes(route.split(' ')[1] ?? '')).map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
    const described = Object.entries((await document()).paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  test('says of every call what it does, and of every code which status it has', () => {
    const { paths, components } = makeOpenApi();
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(operations.filter(({ summary }) => summary === '').map(({ operationId }) => operationId)).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const [code, { http }] of Object.entries(ERROR_CODES)) expect(JSON.stringify(components.responses[`Failure${http}`])).toContain(code);
    for (const { responses, 'x-errors': errors = [] } of operations) for (const code of errors) expect(Object.keys(responses)).toContain(String(ERROR_CODES[code].http));
  });

  test('says how each call is let in', async () => {
    const { ask } = await site();
    for (const [path, methods] of Object.entries(makeOpenApi().paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        const { status } = await ask(path.replaceAll(/[{}]/g, ''), { method: method.toUpperCase() });
        expect([method, path, status]).toEqual([method, path, security.length === 0 ? 200 : 401]);
      }
    }
  });

  test('what stands behind a path is checked by what is said of it', async () => {
    const { askWithToken } = await site();
    const { status, body } = await askWithToken('/v1/jobs/none?waitMs=soon');
    expect([status, JSON.parse(body)]).toEqual([400, { code: 'USAGE', message: expect.stringContaining('waitMs') }]);
    expect((await askWithToken('/v1/jobs/none?waitMs=10&state=running')).status).toBe(404);
  });
});

describe('/docs', () => {
  test('shows every call, type and code to who may read it, and loads nothing from elsewhere', async () => {
    const { ask, askWithToken, logIn } = await site();
    expect((await ask('/docs')).body).toContain('rainstorm dashboard');
    const headers = { cookie: await logIn() };
    const page = await ask('/docs', { headers });
    expect([page.status, page.headers['content-type'], page.headers['content-security-policy']]).toEqual([200, 'text/html; charset=utf-8', expect.stringMatching(/^default-src 'none'; /)]);
    const { paths, components } = makeOpenApi();
    for (const [path, methods] of Object.entries(paths)) for (const method of Object.keys(methods)) expect(page.body).toContain(`<code>${method.toUpperCase()} ${path}</code></h3>`);
    const targets = new Set([...page.body.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    for (const [, target = ''] of page.body.matchAll(/href="#([^"]+)"/g)) expect([...targets]).toContain(target);
    for (const name of Object.keys(components.schemas)) expect([...targets]).toContain(`type-${name}`);
    for (const code of Object.keys(ERROR_CODES)) expect(page.body).toContain(`<code>${code}</code>`);
    const loaded = [...page.body.matchAll(/ (?:src|href)="([^"#][^"]*)"/g)].map((match) => match[1]);
    expect(loaded).toEqual(['data:,', '/docs/style.css', '/openapi.json']);
    expect(page.body).not.toMatch(/<script|<style| style=| on\w+=/);
    expect((await ask('/docs/style.css', { headers })).headers['content-type']).toBe('text/css; charset=utf-8');
    expect((await askWithToken('/docs')).status).toBe(200);
  });
});

test.each([
  [{ type: 'object', properties: { a: { type: 'string' }, 'b-c': { type: 'array', items: { enum: ['x', 1] } } }, required: ['a'] }, '{ a: string, "b-c"?: ("x" | 1)[] }'],
  [{ type: 'array', items: { $ref: '#/components/schemas/Job' } }, 'Job[]'],
  [{ oneOf: [{ const: 'x' }, { type: 'integer' }] }, '"x" | integer'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, '{ [name]: number }'],
  [{}, 'any'],
])('a schema is told as a type: %j', (schema, text) => {
  expect(schemaText(schema)).toBe(text);
});
