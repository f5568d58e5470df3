// The order in which jest starts test files: those that take minutes first, so that no processor waits at the end for a
// single long one. Without a cache of durations, as on a fresh clone, jest would go by the size of files.

/** The longest first; the others follow by size. */
const SLOW = [
  'rehearsal/start-rehearsal',
  'local/start-lab',
  'test/uncertain',
  'test/children',
  'test/continuing',
  'test/hostile',
  'test/kill',
  'test/ledger',
];

export default class SlowTestsFirst {
  sort(tests) {
    const toPlace = ({ path }) => {
      const place = SLOW.findIndex((name) => path.replaceAll('\\', '/').includes(`/${name}.`));
      return place === -1 ? SLOW.length : place;
    };
    const readSize = ({ path, context }) => context.hasteFS?.getSize(path) ?? 0;
    return [...tests].sort((a, b) => toPlace(a) - toPlace(b) || readSize(b) - readSize(a));
  }

  /** Jest asks for these of every sequencer. */
  allFailedTests(tests) {
    return tests;
  }

  shard(tests) {
    return tests;
  }

  cacheResults() {}
}
