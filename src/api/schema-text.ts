/** A JSON schema as a type that people read, in TypeScript's notation: `{ job: string, endedAt?: string }`. */
export type Schema = Readonly<Record<string, unknown>>;

/** What fits beside the words of a line is not broken. */
const MAX_LINE = 90;

const INDENT = '  ';

/** References are their names. `indent`: of the line that it begins in. */
export function schemaText(schema: Schema, indent = ''): string {
  const { $ref, enum: choices, const: constant, oneOf, anyOf, type } = schema;
  if (typeof $ref === 'string') return $ref.slice($ref.lastIndexOf('/') + 1);
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  const alternatives = (oneOf ?? anyOf) as readonly Schema[] | undefined;
  if (alternatives !== undefined) return unionText(alternatives, indent);
  if (type === 'array') return arrayText(schema, indent);
  if (type === 'object') return objectText(schema, indent);
  return typeof type === 'string' ? type : 'any';
}

function unionText(alternatives: readonly Schema[], indent: string): string {
  const texts = alternatives.map((one) => schemaText(one, indent));
  const line = texts.join(' | ');
  return line.length <= MAX_LINE && !line.includes('\n') ? line : texts.map((text) => `\n${indent}| ${text}`).join('');
}

function arrayText({ items = {} }: Schema, indent: string): string {
  const text = schemaText(items as Schema, indent);
  return text.includes(' | ') && !text.startsWith('{') ? `(${text})[]` : `${text}[]`;
}

function objectText({ properties = {}, required = [], additionalProperties }: Schema, indent: string): string {
  const inner = indent + INDENT;
  const fields = Object.entries(properties as Record<string, Schema>).map(([name, schema]) => `${nameText(name)}${(required as readonly string[]).includes(name) ? '' : '?'}: ${schemaText(schema, inner)}`);
  if (typeof additionalProperties === 'object' && additionalProperties !== null && Object.keys(additionalProperties).length > 0) fields.push(`[name]: ${schemaText(additionalProperties as Schema, inner)}`);
  if (fields.length === 0) return 'object';
  const line = `{ ${fields.join(', ')} }`;
  return line.length <= MAX_LINE && !line.includes('\n') ? line : `{\n${fields.map((field) => `${inner}${field},\n`).join('')}${indent}}`;
}

function nameText(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}
