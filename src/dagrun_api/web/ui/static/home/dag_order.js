/* Which DAGs a search finds, and their order. No DOM. */

import { inWords } from "../app/schedule_words.js";

/** The direction of the first click on the heading of a column: the soonest next run, the newest last run. */
const FIRST = { dag_id: "dag_id", next_run: "next_run", last_run: "-last_run" };

/** Return the text in which a search looks: id, file, and the schedule as it is written and in words. */
export function searchable({ dag_id: id, full_path: file, schedule = "" }) {
  return [id, file, schedule, inWords(schedule) ?? ""].join("\n").toLowerCase();
}

/** Return whether a DAG is among those that a choice shows. `run` is its last run, if that is known. */
export function isAmong(which, dag, run) {
  if (which === "failed") return run?.state === "failed";
  return which === "" || dag.is_active === (which === "active");
}

/** Return when the schedule creates the next run of a DAG; undefined when it does not. */
export function nextRun({ is_active: isActive, next_run_after: date = "None" }) {
  return isActive && date !== "None" ? date : undefined;
}

/** Return the DAGs in an order such as `next_run`, or `-next_run` for the reverse. Those without a date come last. */
export function inOrder(dags, order) {
  const key = { dag_id: (dag) => dag.dag_id, next_run: nextRun, last_run: lastRun }[order.replace("-", "")];
  const direction = order.startsWith("-") ? -1 : 1;
  const keyed = dags.map((dag) => [key(dag), dag]);
  keyed.sort(([one], [other]) => {
    if (one === other) return 0;
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
    return one < other ? -direction : direction;
  });
  return keyed.map(([, dag]) => dag);
}

/** Return the order after a click on the heading of a column. */
export function orderAfter(order, column) {
  if (order.replace("-", "") !== column) return FIRST[column];
  return order.startsWith("-") ? column : `-${column}`;
}

const lastRun = ({ last_execution: date }) => (date === "None" ? undefined : date);
