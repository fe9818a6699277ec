/* The ticks of a schedule beside a run: the one before its date, and the one after. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { DAY } from "../app/days.js";
import { instantOf } from "../app/values.js";

/** How far from the run a tick is looked for, and the factor by which the window back grows. */
const FARTHEST = 3 * 366 * DAY;
const GROWTH = 8;

/** Return the ticks before and after the date of a run; each is undefined when there is none near it. */
export async function neighbours(run, signal) {
  const date = instantOf(run.execution_date);
  const read = async (from, to, limit) => {
    const query = { start_date: new Date(from).toISOString(), end_date: new Date(to).toISOString(), limit };
    return await get(path(["dags", run.dag_id, "ticks"], query), { signal });
  };
  const [before, after] = await Promise.all([findBefore(run, date, read), findAfter(date, read)]);
  return { before, after };
}

async function findAfter(date, read) {
  // From the date itself: a schedule of a duration counts from the beginning of the window.
  const { contents } = await read(date, date + FARTHEST, 2);
  return contents.ticks.find((tick) => instantOf(tick.execution_date) > date);
}

async function findBefore({ data_interval_start: start, data_interval_end: end }, date, read) {
  const interval = start === "None" ? 0 : instantOf(end) - instantOf(start);
  for (let width = interval || DAY; width <= FARTHEST; width *= GROWTH) {
    const { contents, next } = await read(date - width, date, 500);
    const found = contents.ticks.findLast((tick) => instantOf(tick.execution_date) < date);
    if (found !== undefined && next === undefined) return found;
    // So many ticks that the page ends before the date.
    if (next !== undefined) width /= GROWTH ** 3;
  }
  return undefined;
}
