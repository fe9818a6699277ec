/* A date of the schedule beside a run: where it leads to. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { instant, stateLabel } from "../app/values.js";

/** Return a tick with its state, as a link to its run; a date without a run leads to the DAG, which can create it. */
export function tickLink(dagId, tick) {
  if (tick === undefined) return ["none"];
  const { dag_run: run, is_due: isDue, execution_date: date } = tick;
  if (run !== "None") {
    const href = link(["runs", run.run_id], { dag_id: dagId });
    return [element("a", { href }, instant(date)), " ", stateLabel(run.state)];
  }
  if (!isDue) return [instant(date), " ", stateLabel("not_due", "not due")];
  return [element("a", { href: link(["dags", dagId]) }, instant(date)), " ", stateLabel("missing")];
}
