/* Creating all runs of a range, however many, a portion at a time. */

import { post } from "../app/api.js";
import { DAY } from "../app/days.js";
import { instantOf } from "../app/values.js";

/**
 * Yield the answer and the last date after each portion, until the range has no more. The first request is exactly the
 * given one; each later one begins with the last date that was created. After a Failure, another call continues: dates
 * that already have a run are skipped.
 */
export async function* portions(body) {
  let request = body;
  for (;;) {
    const answer = await post("dag_runs", request);
    const last = dateOf(answer.dag_run_ids.at(-1));
    yield { answer, last };
    if (!answer.truncated) return;
    // Two equal dates would be a single run.
    if (last !== undefined && last !== body.end_date) request = { ...body, start_date: last };
  }
}

/** Return which part of a range is created, given the last date so far. Beyond now there is nothing to create. */
export function shareOf({ start_date: start, end_date: end }, last) {
  const isDay = end.length === 10;
  const [first, until] = [start, end].map((text) => (text.length === 10 ? Date.parse(text) : instantOf(text.slice(0, 23))));
  const whole = Math.min(isDay ? until + DAY : until, Date.now()) - first;
  return Math.min(1, Math.max(0, (instantOf(last) - first) / whole));
}

/** Return the date at the end of a run id. */
const dateOf = (runId) => /\d{4}-\d\d-\d\dT[\d:.]+$/.exec(runId ?? "")?.[0];
