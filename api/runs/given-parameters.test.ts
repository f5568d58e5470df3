// Parameters over HTTP on real Postgres: a request, a form with a file and the command line give the same values and the same refusals.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishDefinitions } from '../../db/protocols/definition.queries.js';
import type { Page, Problem } from '../../domain/json/page.js';
import type { Run } from '../../domain/runs/run.js';
import { findProjectRoot } from '../../platform/paths.js';
import { discoverProtocols } from '../../protocols/discovery/discover-protocols.js';
import { runCli, type CliResult } from '../../test/rig/run-cli.js';
import { serveTestApi, type TestApi } from '../../test/rig/serve-test-api.js';

const RUNS = '/api/v1/runs';
const MANY_ROWS = 100_000;
const GOOD = 'well,volumeUl\nA1,10\nA2,11.5\n';
const ROWS = [
  { well: ['A1'], volumeUl: 10 },
  { well: ['A2'], volumeUl: 11.5 },
];

let api: TestApi;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'praxis-tables-'));
  api = await serveTestApi();
  const file = 'test/fixtures/tables/tables.protocol.ts';
  const text = await readFile(path.join(findProjectRoot(), file), 'utf8');
  const { protocols, problems } = discoverProtocols({ folder: '/source', files: [{ path: file, text }] });
  expect(problems).toEqual([]);
  await publishDefinitions(api.db, { source: 'tables', bundle: 'tables', definitions: protocols });
});
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function postForm(
  parts: Readonly<Record<string, string | File>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Partial<Omit<Run, 'status'> & Omit<Problem, 'status'>> }> {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts)) form.append(name, part);
  const response = await fetch(`${api.url}${RUNS}`, { method: 'POST', body: form, headers });
  return { status: response.status, body: (await response.json()) as Partial<Omit<Run, 'status'> & Omit<Problem, 'status'>> };
}

const praxis = (...args: string[]): Promise<CliResult> => runCli({ PATH: process.env['PATH'] ?? '', PRAXIS_URL: api.url }, args);

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('the same table', () => {
  test('as rows, as text, as a file of a form and as a file of the command line', async () => {
    const file = write('picks.csv', GOOD);
    const given = [
      await api.post<Run>(RUNS, { protocol: 'pick_rows', parameters: { rows: ROWS, wait: 2_000 } }),
      await api.post<Run>(RUNS, { protocol: 'pick_rows', parameters: { rows: GOOD, wait: '2 s' } }),
      await postForm({
        protocol: 'pick_rows',
        'parameters.wait': '2000',
        'parameters.rows': new File([GOOD], 'picks.csv', { type: 'text/csv' }),
      }),
      await postForm({ protocol: 'pick_rows', 'parameters.wait': '2 s', 'parameters.rows': GOOD, timeScale: '2', priority: '-1' }),
    ];
    expect(given.map(({ status, body }) => [status, body.parameters])).toEqual(given.map(() => [201, { rows: ROWS, wait: 2_000 }]));
    expect(given[3]?.body).toMatchObject({ timeScale: 2, priority: -1 });
    const { stdout, stderr } = await praxis('run', 'pick_rows', '-p', `rows=@${file}`, '-p', 'wait=2000', '--json');
    expect(stderr).toBe('');
    expect((JSON.parse(stdout) as Run).parameters).toEqual({ rows: ROWS, wait: 2_000 });
  });

  test('rows of nothing are no rows', async () => {
    const { body } = await api.post<Run>(RUNS, { protocol: 'pick_defaults', parameters: { rows: 'well,volumeUl\nA1,10\n,\n,\n' } });
    expect(body.parameters).toEqual({ rows: [{ well: ['A1'], volumeUl: 10 }] });
  });

  test('wells beyond row AZ', async () => {
    const { body } = await api.post<Run>(RUNS, { protocol: 'wells_free', parameters: { wells: 'AZ1:BB1' } });
    expect(body.parameters).toEqual({ wells: ['AZ1', 'BA1', 'BB1'] });
  });

  test(`of ${MANY_ROWS} rows; a list of runs stays short`, async () => {
    const file = write('many.csv', `Destination Well;Volume (in ul)\r\n${'A1;10.5\r\n'.repeat(MANY_ROWS)}`);
    const { exitCode, stderr, stdout } = await praxis('run', 'pick_rows', '-p', `rows=@${file}`, '--json');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as { parameters: { rows: unknown[] } }).parameters.rows).toHaveLength(MANY_ROWS);
    const { body } = await api.get<Page<Run>>(`${RUNS}?limit=1`);
    expect(body.items[0]).toMatchObject({
      isShortened: true,
      parameters: { rows: expect.stringMatching(/^… \(\d{7} bytes\)$/u) as unknown, wait: 1_000 },
    });
  });
});

describe('is refused with file, line and column', () => {
  const latin = Buffer.from('well,volumeUl\nA1,10 µL\n', 'latin1');
  const cherry = (...lines: readonly string[]): string =>
    ['sourceLabware,sourceSlot,sourceWell,heightMm,destLabware,destSlot,destWell,volumeUl', ...lines].join('\n');
  test.each<[name: string, protocol: string, content: string | Uint8Array, code: string, said: RegExp]>([
    [
      'a column twice',
      'pick_rows',
      'well,volumeUl,volumeUl\nA1,10,250\n',
      'TABLE_UNREADABLE',
      /in picks\.csv, line 1: 'volumeUl' stands twice/u,
    ],
    ['text after a quote', 'pick_rows', 'well,volumeUl\n"A1"2,10\n', 'TABLE_UNREADABLE', /in picks\.csv, line 2: column 1 'well'/u],
    [
      'a volume of letters',
      'cherry_pick',
      cherry('c,s,A1,1.5,d,e,A1,10', 'c,s,A1,1.5,d,e,A1,abc'),
      'PARAMETER_TYPE',
      /in picks\.csv, line 3, column 8 'volumeUl': must be a number/u,
    ],
    [
      'a decimal comma',
      'cherry_pick',
      cherry('c,s,B3,1,5,d,e,A3,12'),
      'TABLE_UNREADABLE',
      /in picks\.csv, line 2: column 9 has no title, and holds "12"/u,
    ],
    [
      'bytes of an older encoding',
      'pick_rows',
      latin,
      'FILE_UNREADABLE',
      /picks\.csv is not in UTF-8: line 2, character 7 is the byte 0xB5/u,
    ],
    ['a spreadsheet', 'pick_rows', Buffer.from('PK\u0003\u0004....', 'latin1'), 'FILE_UNREADABLE', /picks\.csv is a spreadsheet/u],
    ['a spreadsheet of an old kind', 'pick_rows', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'FILE_UNREADABLE', /old Excel/u],
    ['UTF-16 without its mark', 'pick_rows', Buffer.from(GOOD, 'utf16le'), 'FILE_UNREADABLE', /UTF-16 without its mark/u],
    ['an empty file', 'pick_rows', '', 'TABLE_UNREADABLE', /in picks\.csv, line 1: there is nothing in it/u],
  ])('%s', async (_name, protocol, content, code, said) => {
    const before = await api.countRows();
    const file = write('picks.csv', content);
    const { status, body } = await postForm({
      protocol,
      'parameters.rows': new File([typeof content === 'string' ? content : new Uint8Array(content)], 'C:\\lab\\picks.csv'),
    });
    expect([status, body.code, body.detail]).toEqual([422, code, expect.stringMatching(said)]);
    const { exitCode, stderr } = await praxis('run', protocol, '-p', `rows=@${file}`);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(said)]);
    expect(stderr).toContain(`error ${code}`);
    expect(await api.countRows()).toEqual(before);
  });

  test('a form of a foreign page, a part that nobody knows, a part twice, and a form that ends early', async () => {
    expect(await postForm({ protocol: 'pick_rows' }, { origin: 'http://evil.example' })).toMatchObject({
      status: 403,
      body: { code: 'FOREIGN_ORIGIN' },
    });
    expect(await postForm({ protocol: 'pick_rows', rows: GOOD })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'rows' },
    });
    const broken = await api.post<Problem>(RUNS, '--x\r\n', { 'content-type': 'multipart/form-data; boundary=x' });
    expect(broken).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', field: 'body' } });
  });

  test('a name that stands twice in JSON', async () => {
    const { status, body } = await api.post<Problem>(RUNS, '{"protocol":"wells_free","parameters":{"wells":"A1","wells":"B1"}}');
    expect([status, body.code, body.detail]).toEqual([400, 'MALFORMED_JSON', expect.stringContaining("'wells' stands twice")]);
  });

  test('what is larger than a run takes', async () => {
    const rows = `well,volumeUl\n${'A1,10\n'.repeat(200_000)}`;
    const { status, body } = await api.post<Problem>(RUNS, { protocol: 'pick_rows', parameters: { rows } });
    expect([status, body.code, body.detail]).toEqual([422, 'VALUE_TOO_LARGE', expect.stringMatching(/the limit is \d+/u)]);
  });
});

test('the command takes all parameters in a file, and standard input', async () => {
  const all = write('all.json', JSON.stringify({ rows: GOOD, wait: '3 s' }));
  const both = await praxis('run', 'pick_rows', '--params', all, '-p', 'wait=2 s', '--json');
  expect((JSON.parse(both.stdout) as Run).parameters).toEqual({ rows: ROWS, wait: 2_000 });
  for (const [args, said] of [
    [['--params', write('twice.json', '{"wait": 1, "wait": 2}')], /'wait' stands twice/u],
    [['--params', write('list.json', '[1]')], /no JSON object/u],
    [['-p', `rows=@${path.join(folder, 'none.csv')}`], /none\.csv cannot be read.*written with two: -p rows=@@/u],
    [['-p', 'rows=@-', '--params', '-'], /once only/u],
  ] as const) {
    const { exitCode, stderr } = await praxis('run', 'pick_rows', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(said)]);
  }
});

test('a list of runs says how many there are, and how to see the others', async () => {
  const { body } = await api.get<Page<Run> & { total: number }>(`${RUNS}?limit=1&count=true&protocol=wells_free`);
  await api.post<Run>(RUNS, { protocol: 'wells_free' });
  const { stdout } = await praxis('runs', '--protocol', 'wells_free', '--limit', '1');
  expect(stdout).toContain(`1 of ${body.total + 1} runs. All: praxis runs --protocol wells_free --all`);
  const [, next = ''] = /The next: praxis (runs .*)/u.exec(stdout) ?? [];
  expect((await praxis(...next.split(' '))).stdout).toContain(body.items[0]!.id.slice(0, 8));
  expect((JSON.parse((await praxis('runs', '--all', '--json')).stdout) as Page<Run>).items.length).toBeGreaterThan(body.total);
});
