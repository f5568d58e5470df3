// The default of a parameter or of a field of a form, with its unit.

import type { ParameterSpec } from '../../domain/protocols/parameter.js';

export function describeDefault(spec: ParameterSpec): string {
  const unit = spec.unit === undefined || typeof spec.default !== 'number' ? '' : ` ${spec.unit}`;
  return `${JSON.stringify(spec.default)}${unit}`;
}
