/* The failed runs of a batch, on top: the newest ones. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { hide, redraw } from "../app/focus.js";
import { headingRow, labelCells, reconcile, row, setCells } from "../app/render.js";
import { duration, figure, identifier, instant, instantOf } from "../app/values.js";

const SHOWN = 10;
/** The most DAGs with failed runs whose newest ones are read. */
const MOST_DAGS = 10;

/**
 * Return a function that reads and draws the failed runs, given the progress of the batch. `showAll` shows all of them,
 * elsewhere. When there are none, the focus goes from here to the head of the page.
 */
export function failedRuns(parts, read, showAll) {
  const { failed_section: section, failed_columns: columns, failed_rows: rows, all_failed: all, summary } = parts;
  let drawn;
  all.addEventListener("click", showAll);

  return async ({ states, dags, last_ended }) => {
    const { failed = 0 } = states;
    const isInSeveral = dags.length > 1;
    const from = dags.filter((dag) => dag.states.failed).slice(0, MOST_DAGS);
    // A run may have failed in place of one that is retried.
    const now = JSON.stringify([last_ended, dags.length, from.map((dag) => [dag.dag_id, dag.states.failed])]);
    if (now === drawn) return;
    const pages = [];
    for (const { dag_id: dagId } of from) {
      pages.push(await read({ dagId, state: "failed", order: "desc", size: SHOWN }));
    }
    drawn = now;
    const found = pages.flatMap(({ runs }) => runs).toSorted(newestFirst);
    hide(section, found.length === 0, summary);
    const names = ["Run", ...(isInSeveral ? ["DAG"] : []), "Execution date (UTC)", "Ended (UTC)", "Duration"];
    columns.replaceChildren(headingRow(names));
    const draw = () =>
      reconcile(rows, found.slice(0, SHOWN), {
        key: (run) => run.id,
        create,
        update: (item, run) => update(item, run, isInSeveral),
      });
    redraw(rows, draw, parts.failed_heading);
    labelCells(rows);
    hide(all.parentElement, failed <= SHOWN, parts.failed_heading);
    all.textContent = `All ${figure(failed)} failed runs`;
  };
}

const endOf = ({ end_date }) => (end_date === "None" ? 0 : instantOf(end_date));
const newestFirst = (one, other) => endOf(other) - endOf(one) || other.id - one.id;

const create = (run) => row(element("a", { href: runLink(run) }, identifier(run.run_id)));

function update(item, run, isInSeveral) {
  const { dag_id, execution_date, start_date, end_date } = run;
  const isTimed = start_date !== "None" && end_date !== "None";
  const took = isTimed ? duration(Math.round((instantOf(end_date) - instantOf(start_date)) / 1000)) : "never started";
  setCells(item, [...(isInSeveral ? [identifier(dag_id)] : []), instant(execution_date), instant(end_date), took]);
}
