/* The table of the runs of a batch, by state and DAG, a page at a time. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { reconcile, row, setCells } from "../app/render.js";
import { count, identifier, instant, stateLabel } from "../app/values.js";

const PAGE = 50;

/** Return a function that reads and draws the current page, given the DAGs of the batch. Failures go to `report`. */
export function runsTable(parts, read, report) {
  const { filters, dag_field, dag_choice, rows, shown, previous, next } = parts;
  // Where each page starts, up to the current one.
  let starts = [undefined];
  let nextStart;
  let latest = 0;

  const show = async () => {
    const turn = ++latest;
    const page = await read({
      dagId: dag_choice.value,
      state: filters.elements.state.value,
      start: starts.at(-1),
      size: PAGE,
    });
    // The visitor may have turned to another page meanwhile.
    if (turn !== latest) return;
    nextStart = page.next;
    reconcile(rows, page.runs, { key: (run) => run.id, create: createRow, update: updateRow });
    shown.textContent = page.runs.length ? `${count(page.runs.length, "run")} on page ${starts.length}` : "No runs";
    previous.disabled = starts.length === 1;
    next.disabled = nextStart === undefined;
    previous.parentElement.hidden = previous.disabled && next.disabled;
  };
  const turnTo = (pages) => {
    starts = pages;
    show().catch(report);
  };

  filters.addEventListener("input", () => turnTo([undefined]));
  filters.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turnTo(starts.slice(0, -1)));
  next.addEventListener("click", () => turnTo([...starts, nextStart]));

  return async (dags) => {
    dag_field.hidden = dags.length < 2;
    reconcile(dag_choice, dags, {
      key: (dag) => dag.dag_id,
      create: (dag) => element("option", { value: dag.dag_id }, dag.dag_id),
    });
    await show();
  };
}

function createRow(run) {
  const href = link(["runs", run.run_id], { dag_id: run.dag_id });
  return row(element("a", { href }, identifier(run.run_id)));
}

function updateRow(item, run) {
  setCells(item, [
    stateLabel(run.state),
    instant(run.execution_date),
    instant(run.start_date),
    instant(run.end_date),
  ]);
}
