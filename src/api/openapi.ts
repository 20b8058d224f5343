/** The leader's API as an OpenAPI 3.1 document, made of the schemas that check it: https://spec.openapis.org/oas/v3.1.1.html */
import { z } from 'zod';
import description from '../../package.json' with { type: 'json' };
import { ERROR_CODES, type ErrorCode } from '../base/errors.ts';
import { clusterEvent } from '../control/cluster-event.ts';
import { jobEvent } from '../control/job-event.ts';
import { leaderRoutes, nothing, type Access, type Route } from '../control/routes.ts';
import { failureBody, submission, workerInfo, workerReport } from '../control/schemas.ts';
import { jobSummary, jobView, planView, scaleReply, taskView, workerView } from '../control/views.ts';
import { rawRoutes, type RawRoute } from './raw-routes.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Json>>;
  readonly security: readonly Json[];
  /** The codes behind the statuses of `responses`, but for those that every route may fail with. */
  readonly 'x-errors'?: readonly ErrorCode[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

type Content = Readonly<Record<string, { readonly schema: Json }>>;

export interface OpenApi {
  readonly openapi: string;
  readonly info: Json & { readonly title: string; readonly version: string };
  readonly servers: readonly Json[];
  /** By path and method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly responses: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

/** Schemas that have a name of their own in the document. */
const NAMED = z.registry<{ readonly id: string }>();
for (const [id, schema] of Object.entries({ ClusterEvent: clusterEvent, Job: jobView, JobEvent: jobEvent, JobSummary: jobSummary, Failure: failureBody, Plan: planView, Report: workerReport, Scaled: scaleReply, Submission: submission, Task: taskView, Worker: workerView, WorkerInfo: workerInfo })) NAMED.add(schema, { id });

/** What stands for a part of a path. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  job: 'The name of a job.',
  stage: 'The number of a stage: 0 is the source, the highest the sink.',
  task: 'A task by its stage and its index, as in 2-0.',
  worker: 'The name of a worker.',
};

/** Every route may fail with these: bad input, no token or session, a bug. */
const ALWAYS: readonly ErrorCode[] = ['USAGE', 'WRONG_TOKEN', 'JOB_FAILED'];

const SECURITY: Readonly<Record<Access, readonly Json[]>> = { open: [], token: [{ token: [] }], session: [{ token: [] }, { session: [] }] };

export function makeOpenApi(): OpenApi {
  const schemas: Record<string, Json> = {};
  const paths: Record<string, Record<string, Operation>> = {};
  const add = (path: string, method: string, operation: Operation) => {
    (paths[path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[method] = operation;
  };
  for (const [name, route] of Object.entries(leaderRoutes) as [string, Route<unknown, unknown>][]) add(route.path, route.method.toLowerCase(), operationOf(name, route, schemas));
  for (const route of rawRoutes) add(route.path, 'get', rawOperation(route, schemas));
  jsonSchema(failureBody, 'output', schemas);
  return {
    openapi: '3.1.1',
    info: { title: 'RainStorm leader', version: description.version, license: { name: description.license, identifier: description.license } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      responses: failureResponses(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The leader\'s token.' },
        session: { type: 'apiKey', in: 'cookie', name: 'rainstorm-PORT', description: 'Of a browser that has logged in by a link. What changes something has to come from a page of the leader.' },
      },
    },
  };
}

function operationOf(operationId: string, route: Route<unknown, unknown>, schemas: Record<string, Json>): Operation {
  const { method, path, body, reply, query, summary = '', access = 'session', errors = [] } = route;
  const failures: readonly ErrorCode[] = method === 'GET' || access !== 'session' ? errors : [...errors, 'CROSS_SITE'];
  return {
    operationId,
    summary,
    ...parametersOf(path, query, schemas),
    ...(body === nothing ? {} : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input', schemas) } } } }),
    responses: responsesOf('application/json', jsonSchema(reply, 'output', schemas), failures),
    security: SECURITY[access],
    'x-errors': failures,
  };
}

function rawOperation({ path, summary, query, mediaType, reply, access = 'session', errors = [] }: RawRoute, schemas: Record<string, Json>): Operation {
  const operationId = path.replaceAll(/\/v1\/|:\w+|\.\w+$/g, '').split('/').filter((word) => word !== '').join('-');
  const responses = access === 'open' ? { 200: success(mediaType, jsonSchema(reply, 'output', schemas)) } : responsesOf(mediaType, jsonSchema(reply, 'output', schemas), errors);
  return { operationId, summary, ...parametersOf(path, query, schemas), responses, security: SECURITY[access], 'x-errors': errors };
}

function parametersOf(path: string, query: z.ZodObject | undefined, schemas: Record<string, Json>): Pick<Operation, 'parameters'> {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']): Parameter => ({ name, in: 'path', required: true, description: PATH_PARAMETERS[name] ?? '', schema: { type: 'string' } }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]): Parameter => ({ name, in: 'query', required: false, schema: jsonSchema(schema as z.ZodType, 'output', schemas) }));
  const parameters = [...inPath, ...inQuery];
  return parameters.length === 0 ? {} : { parameters };
}

function success(mediaType: string, schema: Json): Json {
  return { description: 'Done.', content: { [mediaType]: { schema } } };
}

function responsesOf(mediaType: string, schema: Json, errors: readonly ErrorCode[]): Operation['responses'] {
  const statuses = new Set([...ALWAYS, ...errors].map((code) => ERROR_CODES[code].http));
  return { 200: success(mediaType, schema), ...Object.fromEntries([...statuses].map((status) => [status, { $ref: `#/components/responses/Failure${status}` }])) };
}

/** One for each status, with every code that it may stand for. */
function failureResponses(): Record<string, Json> {
  const byStatus = Map.groupBy(Object.entries(ERROR_CODES), ([, { http }]) => http);
  return Object.fromEntries([...byStatus].toSorted(([a], [b]) => a - b).map(([status, codes]) => [`Failure${status}`, {
    description: `One of ${codes.map(([code, { retry }]) => (retry ? `${code} (may succeed later)` : code)).join(', ')}.`,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
  }]));
}

/** What has a name is put among `schemas`. `io`: as somebody has to write it, or as it is answered. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const made = z.toJSONSchema(schema, { io, metadata: NAMED, unrepresentable: 'any', override: ({ jsonSchema: one }) => forgetSafeIntegers(one) });
  const { $schema: _, $defs = {}, ...rest } = renamed(made) as { $schema?: string; $defs?: Record<string, Json> } & Record<string, unknown>;
  Object.assign(schemas, $defs);
  return rest;
}

/** That numbers are exact is not worth a line each. */
function forgetSafeIntegers(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function renamed(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
