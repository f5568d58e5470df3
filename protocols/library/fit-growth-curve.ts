// Growth figures from a curve: the steepest stretch of its logarithm is exponential growth.

/** Points of the stretch over which the rate is taken: enough to even out noise. */
const WINDOW_POINTS = 5;

/** A type and not an interface, so that it passes as JSON. */
export type GrowthFigures = {
  readonly points: number;
  /** Null where the curve is too short, or nothing grew. */
  readonly ratePerHour: number | null;
  readonly doublingTimeHours: number | null;
  /** Middle of the steepest stretch. */
  readonly steepestAtHours: number | null;
  readonly highest: number | null;
};

/** `means` at the times `hours`, both rising in time. Values of zero and less have no logarithm and are left out. */
export function fitGrowthCurve(hours: readonly number[], means: readonly number[]): GrowthFigures {
  const points = means.flatMap((mean, index) => (mean > 0 && hours[index] !== undefined ? [{ x: hours[index], y: Math.log(mean) }] : []));
  const highest = means.length === 0 ? null : Math.max(...means);
  let best = { slope: 0, atHours: 0 };
  for (let first = 0; first + WINDOW_POINTS <= points.length; first++) {
    const stretch = fitLine(points.slice(first, first + WINDOW_POINTS));
    if (stretch.slope > best.slope) best = stretch;
  }
  if (best.slope <= 0) return { points: points.length, ratePerHour: null, doublingTimeHours: null, steepestAtHours: null, highest };
  return {
    points: points.length,
    ratePerHour: best.slope,
    doublingTimeHours: Math.LN2 / best.slope,
    steepestAtHours: best.atHours,
    highest,
  };
}

/** Least squares. */
function fitLine(points: readonly { readonly x: number; readonly y: number }[]): { slope: number; atHours: number } {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return { slope, atHours: meanX };
}
