// All that an execution of a workflow knows is carried to the next one, or comes back by itself, or ends with it. The list
// below says of everything in the sources that can hold state which of these it is; the sources are read, so that whatever
// is added fails here until it is said how it travels.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { findProjectRoot } from '../../platform/paths.js';
import type { Carried, Engine } from './engine.js';

const FOLDER = path.join(findProjectRoot(), 'workflows');
/** By name, wherever it lies; a rehearsal never continues. */
const FILES: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('rehearsal/'))
    .map((file) => [path.basename(file), path.join(FOLDER, file)]),
);

/** In `Carried`, under that name. */
type InCarried = { readonly in: keyof Carried };
/** Written into the workflow's input. */
type InInput = { readonly input: string };
/** Author code, led back to where it was, makes it again; or it follows from what is carried. */
type Derived = { readonly derived: string };
/** Nothing of it may be left when the workflow continues as new; says what sees to that. */
type Ends = { readonly ends: string };
type Way = InCarried | InInput | Derived | Ends;

const AUTHOR: Derived = { derived: 'author code is led back to where it was' };
const EXECUTION: Derived = { derived: 'belongs to the one execution' };
const CONSTANT: Derived = { derived: 'is the same in every execution' };

/** Total over the parts of an engine: the compiler asks for a new one. */
const PARTS: { readonly [Part in keyof Engine]: Way } = {
  input: { input: 'is the input itself' },
  workflowId: CONSTANT,
  seed: { derived: 'from the input' },
  gate: { in: 'ledger' },
  control: { in: 'control' },
  callLog: { in: 'entries' },
  inbox: { in: 'items' },
  sections: AUTHOR,
  windows: { in: 'windows' },
  children: { in: 'childEnds' },
  activities: CONSTANT,
  fence: { input: 'fence' },
  results: { derived: 'read again, from where large results are kept' },
  fenceFor: CONSTANT,
  cleanupFailures: { in: 'cleanupFailures' },
  limitCleanup: { derived: 'from the clock of author code' },
  promises: AUTHOR,
};

/** By file: bindings that hold state, as `<function or class>.<name>`. */
const STATE: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
  'author-promises.ts': {
    COMBINATORS: CONSTANT,
    given: AUTHOR,
    'createAuthorPromises.fresh': AUTHOR,
    'createAuthorPromises.current': AUTHOR,
    'createAuthorPromises.root': AUTHOR,
    'createAuthorPromises.unheld': { ends: 'a turn hears of it before it ends' },
  },
  'pools.ts': { 'createPool.free': AUTHOR, 'createPool.waiting': AUTHOR, uses: AUTHOR },
  'call-log.ts': {
    'createCallLog.lastN': { in: 'logLastN' },
    'createCallLog.travelling': { ends: 'recall puts them back among the entries' },
    'createCallLog.joinable': { ends: 'nothing joins an entry that may have been told' },
    'createCallLog.readState': { ends: 'becomes an entry when entries are carried' },
    'createSender.sending': { ends: 'isSettled' },
  },
  'tell-begun.ts': {
    'createBegunTeller.telling': { ends: 'recall puts it back among the entries' },
    'createBegunTeller.cancel': { derived: 'author code is at rest again' },
    'createBegunTeller.mayTell': EXECUTION,
  },
  'waiting-entries.ts': {
    'createQueue.waiting': { in: 'entries' },
    'createQueue.told': { derived: 'from the entries' },
    'createQueue.bytes': { derived: 'from the entries' },
    'createQueue.begun': { derived: 'from the entries' },
  },
  'lost-entries.ts': {
    'createLostEntries.notes': { ends: 'flush sends them, or ends the workflow' },
    'createLostEntries.lost': { derived: 'counted anew by each execution' },
    'createLostEntries.unsaid': { ends: 'flush ends the workflow' },
  },
  'control.ts': {
    SOMEBODY: CONSTANT,
    'createControl.state': { in: 'control' },
    'createControl.freeSinceMs': { in: 'control' },
    'createControl.isClosed': { ends: 'a run that has ended does not continue' },
  },
  'moving-commands.ts': { 'createMovingCommands.moving': { in: 'moving' } },
  'limit-open.ts': {
    'createOpenLimit.waiting': { derived: 'author code asks again for what has not begun' },
    'createOpenLimit.openAt': { derived: 'from what begins again' },
    'createOpenLimit.open': { derived: 'from what begins again' },
    'createOpenLimit.isWatching': EXECUTION,
  },
  'create-run.ts': { 'RunOfCall.#engine': AUTHOR, 'RunOfCall.#call': AUTHOR },
  'delivery.ts': {
    'createDelivery.arrivals': { ends: 'isIdle' },
    'createDelivery.shield': EXECUTION,
    'createDelivery.isDelivering': { ends: 'isIdle' },
    'createDelivery.breakOff': EXECUTION,
    'createDelivery.broken': { ends: 'a workflow that is broken does not continue' },
  },
  'translate-errors.ts': {
    origins: { derived: 'errors of the ledger are made anew' },
    places: { derived: 'errors of the ledger are made anew' },
  },
  'gate.ts': {
    'createGate.waiting': { ends: 'a workflow that is still led back does not continue' },
    'createGate.position': EXECUTION,
    'createGate.asked': { ends: 'isIdle: nothing is delivered while author code has asked for something' },
    'createGate.ending': { in: 'ledger' },
    'createGate.refused': { derived: 'from the ledger' },
    'createGate.startedAtMs': { in: 'startedAtMs' },
    'createGate.isReentering': EXECUTION,
    'createGate.clockMs': { derived: 'from the ledger' },
  },
  'holders.ts': { 'createHolders.holders': { in: 'control' } },
  'inbox.ts': { 'createInbox.items': { in: 'items' }, 'createInbox.isClosed': { ends: 'a child that ends does not continue' } },
  'ledger.ts': {
    'createLedger.kept': { in: 'ledger' },
    'createLedger.ids': { derived: 'from the ledger' },
    'createLedger.nextSeq': { derived: 'counted anew; numbers are compared within one execution' },
    'createLedger.totalBytes': { derived: 'from the ledger' },
    'createLedger.starts': AUTHOR,
  },
  'open-commands.ts': { 'createOpenCommands.byMachine': AUTHOR, 'createOpenCommands.fresh': AUTHOR },
  'open-engine.ts': {
    'openEngine.operations': { derived: 'from control: cancelled where the run is' },
    'openEngine.asking': { derived: 'asked again at the end of a cancelled run' },
    'openEngine.isReentering': EXECUTION,
    'openEngine.results': { derived: 'read again, from where large results are kept' },
  },
  'open-children.ts': { 'createOpenChildren.told': { in: 'childEnds' }, 'createOpenChildren.starting': { ends: 'a start is waited for' } },
  'open-time-window.ts': { 'openTimeWindow.ending': AUTHOR },
  'operation.ts': { 'Rearm.name': CONSTANT, 'Rearm.carried': { in: 'open' } },
  'outside-control.ts': {
    'createOutsideControl.appliedRev': { ends: 'isSettled: it is that of the state' },
    'createOutsideControl.isApplying': { ends: 'isSettled' },
    'createOutsideControl.isClosed': { ends: 'a run that has ended does not continue' },
    'createOutsideControl.interrupt': { ends: 'isSettled' },
    'createOutsideControl.lastAsked': { ends: 'isSettled: it was told with the last change' },
  },
  'outgoing-messages.ts': { 'createOutgoingMessages.onTheirWay': { ends: 'isSettled' } },
  'random.ts': { 'createRandom.state': AUTHOR },
  'find-provenance.ts': { sources: AUTHOR },
  'run-cleanups.ts': { 'CleanupError.name': CONSTANT },
  'run-scope.ts': { 'createAbandonment.reason': AUTHOR, 'createAbandonment.fail': AUTHOR },
  'run-workflow.ts': { 'createRunWorkflow.protocols': CONSTANT },
  'scope.ts': Object.fromEntries(
    [
      'standings',
      ...[
        'path',
        'call',
        'caller',
        'isSection',
        'state',
        'recovery',
        'sinceSeq',
        'cleanups',
        'random',
        'hasOperated',
        'isBodyOver',
        '#calls',
        '#operations',
        '#runningCommands',
        '#openCalls',
        '#waits',
        '#given',
        'givenAs',
        'joined',
        'breakOff',
      ].map((field) => `OwnScope.${field}`),
    ].map((name) => [name, AUTHOR]),
  ),
  'sections.ts': {
    'createSections.held': AUTHOR,
    'createSections.open': AUTHOR,
    'createSections.doubts': { in: 'doubts' },
  },
  'begin-operation.ts': {
    'createStarter.open': { in: 'open' },
    'createStarter.underWay': { in: 'open' },
    'createStarter.isContinuing': EXECUTION,
    'createStarter.givenEvents': EXECUTION,
  },
  'state-view.ts': Object.fromEntries(
    ['#values', '#patch', '#changedAt', '#moment', '#onChange'].map((field) => [`OwnStateView.${field}`, AUTHOR]),
  ),
  'steps.ts': { hearers: AUTHOR, settleAuthors: EXECUTION, stretch: EXECUTION },
  'time-windows.ts': { 'createTimeWindows.windows': { in: 'windows' }, 'createTimeWindows.busy': { ends: 'isSettled' } },
  'told-children.ts': {
    'createToldChildren.children': { in: 'open' },
    'createToldChildren.unheard': { derived: 'every start is awaited before continuing, and its child hears of it then' },
  },
};

/** Says nothing of the run: what form the rest has, and how many executions there were. */
const FORM: readonly string[] = ['v', 'generation'];

describe('everything that can hold state', () => {
  test.each([...FILES.keys()])('of %s says how it travels', (file) => {
    expect(listState(parse(file)).sort()).toEqual(Object.keys(STATE[file] ?? {}).sort());
  });

  test('stands in files that there are', () => {
    expect(Object.keys(STATE).filter((file) => !FILES.has(file))).toEqual([]);
  });
});

describe('what is carried', () => {
  const carried = listMembers(parse('engine.ts'), 'Carried').filter((name) => !FORM.includes(name));

  test('is what something asked to have carried', () => {
    const asked = [...Object.values(PARTS), ...Object.values(STATE).flatMap((each) => Object.values(each))].flatMap((way) =>
      'in' in way ? [way.in] : [],
    );
    expect([...new Set<string>(asked)].sort()).toEqual([...carried].sort());
  });

  test.each(carried)('%s is written when an execution ends, and read when one begins', (name) => {
    expect(read('continue-as-new.ts')).toMatch(new RegExp(`\\b${name}\\b`, 'u'));
    expect(['open-engine.ts', 'gate.ts'].map(read).join('\n')).toMatch(new RegExp(`carried\\??\\.${name}\\b`, 'u'));
  });
});

function read(file: string): string {
  return readFileSync(FILES.get(file) ?? file, 'utf8');
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
}

/** What can change after it was made: of the module, of functions that make a part, and fields of classes. */
function listState(source: ts.SourceFile): string[] {
  return [
    ...listBindings(source.statements),
    ...source.statements.flatMap((each) => {
      if (ts.isFunctionDeclaration(each) && each.body && /^(?:create|open)[A-Z]/u.test(each.name?.text ?? ''))
        return listBindings(each.body.statements).map((name) => `${each.name?.text}.${name}`);
      if (ts.isClassDeclaration(each))
        return each.members.flatMap((member) => (ts.isPropertyDeclaration(member) ? [`${each.name?.text}.${member.name.getText()}`] : []));
      return [];
    }),
  ];
}

function listBindings(statements: readonly ts.Statement[]): string[] {
  return statements.flatMap((each) => {
    if (!ts.isVariableStatement(each)) return [];
    const isLet = (each.declarationList.flags & ts.NodeFlags.Let) !== 0;
    return each.declarationList.declarations
      .filter(({ initializer }) => isLet || holdsState(initializer))
      .map(({ name }) => name.getText());
  });
}

/** A collection, an object of a class, or an empty object that is filled later. */
function holdsState(given: ts.Expression | undefined): boolean {
  const made = given !== undefined && ts.isAsExpression(given) ? given.expression : given;
  if (made === undefined) return false;
  return (
    ts.isNewExpression(made) || ts.isArrayLiteralExpression(made) || (ts.isObjectLiteralExpression(made) && made.properties.length === 0)
  );
}

function listMembers(source: ts.SourceFile, name: string): string[] {
  const found = source.statements.find(
    (each): each is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(each) && each.name.text === name,
  );
  return found?.members.map((member) => member.name?.getText() ?? '') ?? [];
}
