/* The runs of a batch, read a page at a time. */

import { isOf, path } from "./addresses.js";
import { get } from "./api.js";

const MOST_REQUESTS = 30;
const LARGEST_PAGE = 100;

/**
 * Return a function that reads runs of the batch in one DAG: the first `size` after `start`, by id, and where the next
 * begin, undefined at the end.
 *
 * The API's prefix is of letters: that of the batch `etl` finds the runs of `etl_daily`, too, which are left out here.
 * After so many requests it returns with what it has, which may be less than `size`.
 */
export function batchRuns(prefix, signal) {
  return async ({ dagId, state, start, size }) => {
    const found = [];
    let next = start;
    for (let requests = 0; requests < MOST_REQUESTS; requests++) {
      const query = { prefix: `${prefix}_`, dag_id: dagId, state, start: next, limit: Math.min(size, LARGEST_PAGE) };
      const page = await get(path(["dag_runs"], query), { signal });
      found.push(...page.contents.dag_runs.filter((run) => isOf(prefix, run.run_id)));
      next = page.next;
      if (found.length > size) return { runs: found.slice(0, size), next: found[size - 1].id };
      if (found.length === size || next === undefined) break;
    }
    return { runs: found, next };
  };
}
