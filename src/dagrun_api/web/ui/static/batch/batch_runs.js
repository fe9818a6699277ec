/* The runs of a batch, read a page at a time. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { belongsTo } from "../app/prefix.js";

const MAX_REQUESTS = 30;
const MAX_PAGE = 100;

/**
 * Return a function that reads the runs of the batch in one DAG. It returns up to `size` runs after the id `start`, in
 * the order of their ids (`order` "desc": from the newest on), and the id after which the next page starts; that is
 * undefined at the end.
 *
 * The API compares text: for the batch `etl` it also finds the runs of `etl_daily`, which are left out here. So a page
 * may take several requests. After `MAX_REQUESTS` it is returned even if it is not full.
 */
export function batchRuns(prefix, signal) {
  return async ({ dagId, state, order, start, size }) => {
    const runs = [];
    let next = start;
    for (let requests = 0; requests < MAX_REQUESTS; requests++) {
      const limit = Math.min(size, MAX_PAGE);
      const query = { prefix: `${prefix}_`, dag_id: dagId, state, order, start: next, limit };
      const page = await get(path(["dag_runs"], query), { signal });
      runs.push(...page.contents.dag_runs.filter((run) => belongsTo(prefix, run.run_id)));
      next = page.next;
      if (runs.length > size) return { runs: runs.slice(0, size), next: runs[size - 1].id };
      if (runs.length === size || next === undefined) break;
    }
    return { runs, next };
  };
}
