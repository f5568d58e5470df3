// The kinds of labware that protocols ask for.

export { LABWARE_CATEGORIES, type LabwareCategory } from '../../contract/words/labware.js';
