/* Pages of the list of batches, the one with the newest run first. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";

/** The API ends a page early, or returns an empty one, for example below many scheduled runs. */
const MAX_REQUESTS = 5;

/**
 * Return up to `size` batches, of one DAG or of all, and where the next page starts; undefined at the end. After
 * `MAX_REQUESTS` the page is returned even if it is not full.
 */
export async function readBatches({ dagId, start, size }, signal) {
  const batches = [];
  let next = start;
  for (let requests = 0; requests < MAX_REQUESTS; requests++) {
    const query = { dag_id: dagId, limit: size - batches.length, start: next };
    const page = await get(path(["batches"], query), { signal });
    batches.push(...page.contents.batches);
    next = page.next;
    if (batches.length >= size || next === undefined) break;
  }
  return { batches, next };
}
