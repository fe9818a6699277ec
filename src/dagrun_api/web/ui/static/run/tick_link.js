/* A date of the schedule beside a run: where it leads to. */

import { element } from "../shared/elements.js";
import { dagLink, runLink } from "../app/addresses.js";
import { DAY, dayText } from "../app/days.js";
import { instant, instantOf, stateLabel } from "../app/values.js";

/** Return a tick with its state, as a link to its run; a date without a run leads to the form that creates it. */
export function tickLink(dagId, tick) {
  if (tick === undefined) return ["none"];
  const { dag_run: run, is_due: isDue, execution_date: date } = tick;
  if (run !== "None") return [element("a", { href: runLink(run) }, instant(date)), " ", stateLabel(run.state)];
  if (!isDue) return [instant(date), " ", stateLabel("not_due", "not due")];
  const href = dagLink(dagId, { kind: "chosen", dates: date.replace(" ", "T"), shown: daysAround(date) });
  return [element("a", { href }, instant(date)), " ", stateLabel("missing")];
}

/** Return the days that the map shows around a date, as the address of the page of a DAG has them. */
function daysAround(date) {
  return [-30, 30].map((days) => dayText(instantOf(date) + days * DAY)).join("/");
}
