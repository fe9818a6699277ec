/* Reading the ticks of a schedule, a page at a time and never too many. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { instantOf } from "../app/values.js";
import { SPANS, latest } from "./periods.js";

const PAGE = 500;
const MAX_PAGES = 8;

/** Return the longest span whose ticks are not too many, and the period of it that ends now. */
export async function firstPeriod(dagId, now, signal) {
  for (const span of SPANS) {
    const period = latest(span, now);
    const { contents, next } = await read(dagId, period, undefined, signal);
    if (next === undefined || estimate(contents.ticks, period) <= PAGE * MAX_PAGES) return period;
  }
  return latest(SPANS.at(-1), now);
}

/** Yield the ticks of a period, a page at a time, with the warnings. The last page tells whether some were left out. */
export async function* ticksOf(dagId, period, signal) {
  let start;
  for (let number = 1; number <= MAX_PAGES; number++) {
    const { contents, next } = await read(dagId, period, start, signal);
    yield { ticks: contents.ticks, warnings: contents.warnings, isCut: next !== undefined && number === MAX_PAGES };
    if (next === undefined) return;
    start = next;
  }
}

function read(dagId, { start, end }, from, signal) {
  const query = {
    start_date: from ?? new Date(start).toISOString(),
    end_date: new Date(end - 1).toISOString(),
    limit: PAGE,
  };
  return get(path(["dags", dagId, "ticks"], query), { signal });
}

/** Return about how many ticks a period has, given those of the first page. */
function estimate(ticks, { end }) {
  const [first, last] = [ticks[0], ticks.at(-1)].map((tick) => instantOf(tick.execution_date));
  return (ticks.length * (end - first)) / Math.max(last - first, 1);
}
