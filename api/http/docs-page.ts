// The API's reference as one page without scripts, written from the OpenAPI document.

import type { OpenApiDocument } from '../../contract/openapi/write-openapi.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{background:#f4f6f8;padding:.75rem;overflow:auto}
h2{border-bottom:1px solid #d5dae0;margin-top:2.5rem}.method{font-weight:700;text-transform:uppercase}
table{border-collapse:collapse}td{padding:.15rem .75rem .15rem 0;vertical-align:top}`;

export function renderDocsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [renderOperation(method, path, operation)];
    }),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)} API</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)} API ${escapeHtml(version)}</h1>
<p>${escapeHtml(description ?? '')} The machine-readable document: <a href="openapi.json">openapi.json</a>.</p>
${operations.join('\n')}
<h2>Schemas</h2>
${Object.entries(document.components?.schemas ?? {})
  .map(([name, schema]) => `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`)
  .join('\n')}
</body></html>`;
}

type Operation = NonNullable<NonNullable<OpenApiDocument['paths']>[string]['get']>;

function renderOperation(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).flatMap((parameter) =>
    'name' in parameter
      ? [
          `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${escapeHtml(parameter.in)}</td><td>${escapeHtml(parameter.description ?? '')}</td></tr>`,
        ]
      : [],
  );
  const responses = Object.entries<{ description?: string }>(operation.responses ?? {}).map(
    ([status, { description }]) => `<tr><td><code>${escapeHtml(status)}</code></td><td>${escapeHtml(description ?? '')}</td></tr>`,
  );
  return `<h2><span class="method">${method}</span> <code>${escapeHtml(path)}</code></h2>
<p>${escapeHtml(operation.summary ?? '')}</p>
${parameters.length > 0 ? `<table>${parameters.join('')}</table>` : ''}
${renderBody(operation)}
<table>${responses.join('')}</table>`;
}

function renderBody({ requestBody }: Operation): string {
  const schema = requestBody !== undefined && 'content' in requestBody ? requestBody.content['application/json']?.schema : undefined;
  if (schema === undefined || !('$ref' in schema)) return '';
  const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '');
  return `<p>Body: <a href="#${name}">${name}</a></p>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
