// The document says what a client must know beside paths: who may ask, how to say who asks, and what each event says.

import { writeOpenApiDocument } from './write-openapi.js';
import { EVENT_TYPES } from '../words/history.js';

const { paths = {}, components } = writeOpenApiDocument('1.0.0');

test('every operation says which role it needs and in which bucket it is counted', () => {
  const operations = Object.values(paths).flatMap(({ get, post }) => [get, post].filter((operation) => operation !== undefined));
  expect(operations.length).toBeGreaterThan(30);
  const silent = operations.filter(
    (operation) => !/Needs the role (?:viewer|operator); counted as (?:read|write|control)\./u.test(operation.description ?? ''),
  );
  expect(silent.map(({ operationId }) => operationId)).toEqual([]);
});

test('a token is told of, and may be left out', () => {
  expect(components?.securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' } });
});

test('the data of every type of event is told', () => {
  expect(Object.keys(components?.schemas?.['EventData'] ?? {}).length).toBeGreaterThan(0);
  expect(Object.keys((components?.schemas?.['EventData'] as { properties: object }).properties)).toEqual(
    expect.arrayContaining([...EVENT_TYPES]),
  );
});
