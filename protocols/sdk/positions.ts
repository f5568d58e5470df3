// Positions of labware by name, as authors import them; the rule itself is the domain's, because parameters follow it too.

export { expandPositions } from '../../domain/values/positions.js';
