// Writes the OpenAPI 3.1 document from the route table, so that it cannot differ from what is enforced.

import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig, type ZodContentObject } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { RouteContract } from '../http/route.js';
import { API_PREFIX } from '../words/api.js';
import { eventData } from '../http/history/event-resource.js';
import { ROUTES } from '../http/routes.js';
import { problem } from '../http/values.js';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

export function writeOpenApiDocument(version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  for (const [operationId, contract] of Object.entries<RouteContract>(ROUTES)) {
    registry.registerPath(toPathConfig(operationId, contract));
  }
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the lab, which stands for a role. Left out: the person at this machine, an operator.',
  });
  return new OpenApiGeneratorV31([...registry.definitions, { type: 'schema', schema: eventData }]).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Praxis',
      version,
      description: 'Durable workflows for laboratory automation. Errors are RFC 9457 problem documents with code, field and remedy.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
  });
}

function toPathConfig(operationId: string, contract: RouteContract): RouteConfig {
  const responses: RouteConfig['responses'] = {
    default: { description: 'What is wrong and what to do', content: { 'application/problem+json': { schema: problem } } },
  };
  for (const [status, description] of Object.entries(contract.statuses)) {
    const mediaType = contract.isStream === true ? 'text/event-stream' : 'application/json';
    responses[status] = { description, content: { [mediaType]: { schema: contract.response } } };
  }
  return {
    operationId,
    method: contract.method,
    path: `${API_PREFIX}${contract.path}`,
    summary: contract.summary,
    description: `Needs the role ${contract.needs}; counted as ${contract.bucket}.`,
    tags: [contract.group],
    request: {
      query: contract.query,
      ...(contract.params && { params: contract.params }),
      ...(contract.headers && { headers: contract.headers }),
      ...(contract.body && { body: { required: true, content: toBodyContent(contract, contract.body) } }),
    },
    responses,
  };
}

/** Of a form each part has its own name; what they mean stands in the schema of the JSON body. */
const FORM = z.record(z.string(), z.string()).meta({
  description:
    'Parts protocol, version, parameters.<name>, assets.<name>; a part may be a file, as CSV for a table: curl -F parameters.rows=@picks.csv',
});

function toBodyContent({ takesFiles }: RouteContract, schema: z.ZodObject): ZodContentObject {
  return { 'application/json': { schema }, ...(takesFiles === true && { 'multipart/form-data': { schema: FORM } }) };
}
