// The kinds of labware that protocols ask for.

export const LABWARE_CATEGORIES = ['plate', 'tip_rack', 'trough', 'tube'] as const;
export type LabwareCategory = (typeof LABWARE_CATEGORIES)[number];
