/* The parts of a batch in its DAGs: how a request that changes them names them, and how a sentence does. */

import { count } from "../app/values.js";

/** Return the parameters of a write to a batch, given the progress in each of its DAGs. */
export const parametersOf = (dags) => (dags.length > 1 ? { all_dags: true } : { dag_id: dags[0].dag_id });

/** Return the words for several DAGs, such as " in both DAGs"; none for one. */
export function inAll(dags) {
  if (dags.length < 2) return "";
  return ` in ${dags.length === 2 ? "both DAGs" : `all ${count(dags.length, "DAG")}`}`;
}
