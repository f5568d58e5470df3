// Temporal settings that make a small server answer fast. The list is the only source: the local
// server gets it as flags, production as deploy/temporal-dynamic-config.yaml, which a test compares.

import { toCanonicalJson, type Json } from '../domain/json/json.js';

/** Sequential activities are 7 times faster with the poll rates, and timers are no longer a second late. */
export const TEMPORAL_DYNAMIC_CONFIG: Readonly<Record<string, Json>> = {
  'history.transferProcessorMaxPollRPS': 5000,
  'history.timerProcessorMaxPollRPS': 5000,
  'history.visibilityProcessorMaxPollRPS': 5000,
  'history.outboundProcessorMaxPollRPS': 5000,
  'history.timerProcessorMaxTimeShift': '10ms',
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

export const TEMPORAL_SEARCH_ATTRIBUTES = ['PraxisStatus', 'PraxisProtocol', 'PraxisBundle', 'PraxisUser', 'PraxisWorkcell'] as const;

export function toDynamicConfigFlags(): string[] {
  return Object.entries(TEMPORAL_DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${toCanonicalJson(value)}`]);
}

export function toDynamicConfigYaml(): string {
  const head = '# Made from local/temporal-dynamic-config.ts; change it there. A test compares the two.\n';
  return (
    head +
    Object.entries(TEMPORAL_DYNAMIC_CONFIG)
      .map(([key, value]) => `${key}:\n  - value: ${toCanonicalJson(value)}\n`)
      .join('')
  );
}
