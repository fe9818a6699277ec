/* The table of a batch that several DAGs have: the progress in each of them. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { pauseButton } from "./pause_button.js";
import { headingRow, labelCells, reconcile, row, setCells } from "../app/render.js";
import { ORDER } from "../app/states.js";
import { figure, identifier, instant } from "../app/values.js";

const limitOf = (number) => (number === "None" ? "–" : `at most ${figure(number)}`);

/** Return a function that draws the DAGs of a batch, given the progress in each. Failures go to `report`. */
export function batchDags({ dags: table, columns, dag_rows: rows, heading }, prefix, report) {
  const limits = new WeakMap();

  const create = ({ dag_id }) => {
    const item = row(element("a", { href: link(["batches", prefix], { dag_id }) }, identifier(dag_id)));
    const [button, update] = pauseButton(prefix, heading, report, (text) => `${text} in ${dag_id}`);
    const word = element("span");
    limits.set(item, { cell: element("span", { class: "limit" }, word, button), word, update });
    return item;
  };
  /** Return the cell with the limit of a backfill and its button, which keeps its focus. */
  const drawLimit = (item, dag) => {
    const { cell, word, update } = limits.get(item);
    word.textContent = dag.is_paused === true ? "paused" : limitOf(dag.max_active_runs);
    update(dag);
    return cell;
  };

  return (dags) => {
    table.hidden = dags.length < 2;
    if (table.hidden) return;
    const isLimited = dags.some((dag) => dag.backfill_id !== "None");
    const names = ["DAG", ...ORDER, "First (UTC)", "Last (UTC)", ...(isLimited ? ["At once"] : [])];
    columns.replaceChildren(headingRow(names));
    reconcile(rows, dags, {
      key: (dag) => dag.dag_id,
      create,
      update: (item, dag) =>
        setCells(item, [
          ...ORDER.map((state) => figure(dag.states[state] ?? 0)),
          instant(dag.first_execution),
          instant(dag.last_execution),
          ...(isLimited ? [drawLimit(item, dag)] : []),
        ]),
    });
    labelCells(rows);
  };
}
