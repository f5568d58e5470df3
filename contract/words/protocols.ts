// What a protocol may demand of a parameter.

export const PARAMETER_TYPES = ['integer', 'number', 'text', 'boolean', 'choice', 'duration', 'wells', 'list', 'record', 'table'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];
