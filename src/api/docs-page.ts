/** The API for people: a page made of its OpenAPI document, without a script. */
import { ERROR_CODES } from '../base/errors.ts';
import { STYLE_PATH } from './docs-paths.ts';
import type { OpenApi, Operation } from './openapi.ts';
import { schemaText, type Schema } from './schema-text.ts';

export const DOCS_STYLE = `:root { color-scheme: light dark; --line: light-dark(#d0d4da, #3b424c); --soft: light-dark(#f3f5f8, #1b2027); --quiet: light-dark(#4d5560, #a9b2bd); --link: light-dark(#0b57d0, #8ab4f8); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; background: light-dark(#ffffff, #12161b); color: light-dark(#1a1d21, #e6e9ed); }
a { color: var(--link); }
code, pre { font: 0.875em/1.45 ui-monospace, monospace; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: 0.75rem; }
section { border-top: 1px solid var(--line); padding-top: 0.5rem; }
h1 small { color: var(--quiet); font-size: 0.6em; font-weight: normal; }
h3 { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.5rem 0.3rem 0; text-align: left; vertical-align: top; }
.quiet { color: var(--quiet); }
`;

interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function docsPage({ info, paths, components }: OpenApi): string {
  const places = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]): Place => ({ method: method.toUpperCase(), path, operation })));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_PATH}">
<title>${escape(info.title)}: API</title>
</head>
<body>
<main>
<h1>${escape(info.title)} <small>${escape(info.version)}</small></h1>
<p>JSON over HTTP. Every call needs the leader's token, as <code>Authorization: Bearer TOKEN</code>, or comes from a browser that has logged in; where it is otherwise, that is said. The same as <a href="/openapi.json">OpenAPI</a>.</p>
<pre>curl --header "Authorization: Bearer $TOKEN" "$URL/v1/jobs"</pre>
<nav aria-label="Calls"><ul>
${places.map(({ method, path, operation }) => `<li><a href="#${escape(operation.operationId)}"><code>${method} ${escape(path)}</code></a></li>`).join('\n')}
</ul></nav>
<h2>Calls</h2>
${places.map(callSection).join('\n')}
<h2>Types</h2>
${Object.entries(components.schemas).map(([name, schema]) => `<section id="type-${escape(name)}"><h3>${escape(name)}</h3><pre tabindex="0">${typeText(schema)}</pre></section>`).join('\n')}
<h2 id="errors">Errors</h2>
<p>A call that fails is answered with a status and a <a href="#type-Failure">Failure</a>.</p>
<table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">May the same call succeed later?</th></tr></thead><tbody>
${Object.entries(ERROR_CODES).map(([code, { http, retry }]) => `<tr><td><code>${code}</code></td><td>${http}</td><td>${retry ? 'yes' : 'no'}</td></tr>`).join('\n')}
</tbody></table>
</main>
</body>
</html>
`;
}

function callSection({ method, path, operation }: Place): string {
  const { operationId, summary, parameters = [], requestBody, responses, security, 'x-errors': errors = [] } = operation;
  const rows = parameters.map(({ name, in: where, description = '', schema }) => `<tr><td><code>${escape(name)}</code></td><td>${where}</td><td><code>${escape(schemaText(schema))}</code></td><td>${escape(description)}</td></tr>`);
  return `<section id="${escape(operationId)}">
<h3><code>${method} ${escape(path)}</code></h3>
<p>${escape(summary)}</p>
${whoMay(security)}
${rows.length === 0 ? '' : `<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Means</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}
${requestBody === undefined ? '' : `<h4>Body</h4>${contentText(requestBody.content)}`}
<h4>Answer</h4>
${contentText((responses['200'] as { content: Content }).content)}
${errors.length === 0 ? '' : `<p>It may fail with ${errors.map((code) => `<code>${code}</code>`).join(', ')}, beside what <a href="#errors">every call</a> may fail with.</p>`}
</section>`;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

function whoMay(security: Operation['security']): string {
  if (security.length === 0) return '<p class="quiet">Anybody.</p>';
  return security.length === 1 ? '<p class="quiet">With the token only.</p>' : '';
}

function contentText(content: Content): string {
  return Object.entries(content).map(([mediaType, { schema }]) => `<pre tabindex="0"><span class="quiet">${escape(mediaType)}</span>\n${typeText(schema)}</pre>`).join('');
}

/** Names of types are links to them. */
function typeText(schema: Schema): string {
  return escape(schemaText(schema)).replaceAll(/(?<![\w&"])[A-Z][A-Za-z]+\b(?![\w"&])/g, (name) => `<a href="#type-${name}">${name}</a>`);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
