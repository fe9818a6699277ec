/* The table of the runs of a batch, by state, DAG and order, a page at a time. The address keeps which page. */

import { element } from "../shared/elements.js";
import { keep, runLink } from "../app/addresses.js";
import { disable, redraw } from "../app/focus.js";
import { choose, headingRow, labelCells, reconcile, row, setCells } from "../app/render.js";
import { count, identifier, instant, stateLabel } from "../app/values.js";
import { placeAsText, placeFrom, readAcross } from "./runs_across.js";

const PAGE = 50;

/**
 * Return two functions: one reads and draws the current page, given the DAGs of the batch, the other shows all failed
 * runs. `query` is that of the address, `read` that of batch_runs.js. Failures go to `report`.
 */
export function runsTable(parts, query, read, report) {
  const { filters, dag_field, dag_choice, runs_columns, rows, shown, previous, next, runs_heading } = parts;
  const { state, order } = filters.elements;
  let dags = [];
  let start = placeFrom(query.get("start"));
  let number = start ? Math.max(1, Number.parseInt(query.get("page"), 10) || 1) : 1;
  let page = { runs: [] };
  let latest = 0;
  let wantedDag = query.get("dag") ?? "";
  choose(state, query.get("state"));
  choose(order, query.get("order"));

  /** Return the DAGs to read, those without such runs left out. */
  const dagIds = () => {
    const isWanted = (dag) => (wantedDag ? dag.dag_id === wantedDag : !state.value || dag.states[state.value]);
    return dags.filter((dag) => isWanted(dag) || dag.dag_id === start?.dagId).map((dag) => dag.dag_id);
  };
  const show = async () => {
    const turn = ++latest;
    const found = await readAcross(read, dagIds(), { state: state.value, order: order.value, start, size: PAGE });
    // The visitor may have turned to another page meanwhile.
    if (turn !== latest) return;
    page = found;
    draw();
  };
  const draw = () => {
    const isInSeveral = dags.length > 1;
    runs_columns.replaceChildren(
      headingRow(["Run", ...(isInSeveral ? ["DAG"] : []), "State", "Execution date (UTC)", "Started (UTC)", "Ended (UTC)"]),
    );
    const drawRows = () =>
      reconcile(rows, page.runs, {
        key: (run) => run.id,
        create,
        update: (item, run) => update(item, run, isInSeveral),
      });
    redraw(rows, drawRows, runs_heading);
    labelCells(rows);
    const isOnly = start === undefined && page.next === undefined;
    const where = isOnly ? "" : ` on page ${number}`;
    shown.textContent = page.runs.length ? count(page.runs.length, "run") + where : "No runs";
    previous.parentElement.hidden = isOnly;
    disable(previous, start === undefined, page.next ? next : runs_heading);
    disable(next, page.next === undefined, start ? previous : runs_heading);
  };
  const turnTo = (place, newNumber) => {
    start = place;
    number = place ? newNumber : 1;
    const address = { state: state.value, dag: wantedDag, order: order.value, start: placeAsText(start) };
    keep({ ...address, page: start && number });
    show().catch(report);
  };
  /** Turn to the page before, which is found by reading backwards: the address may have led to this one. */
  const turnBack = async () => {
    const [first] = page.runs;
    if (first === undefined) return turnTo(undefined);
    const place = { id: first.id, dagId: first.dag_id };
    const opposite = order.value === "desc" ? "" : "desc";
    const backwards = { state: state.value, order: opposite, start: place, size: PAGE + 1 };
    const { runs } = await readAcross(read, dagIds().toReversed(), backwards);
    const before = runs[PAGE];
    turnTo(before && { id: before.id, dagId: before.dag_id }, Math.max(2, number - 1));
  };

  filters.addEventListener("input", () => {
    wantedDag = dag_choice.value;
    turnTo(undefined);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turnBack().catch(report));
  next.addEventListener("click", () => turnTo(page.next, number + 1));

  return {
    update: async (progress) => {
      dags = progress.dags;
      dag_field.hidden = dags.length < 2;
      const choices = [{ dag_id: "", name: "any" }, ...dags.map(({ dag_id }) => ({ dag_id, name: dag_id }))];
      reconcile(dag_choice, choices, {
        key: (dag) => dag.dag_id,
        create: ({ dag_id, name }) => element("option", { value: dag_id }, name),
      });
      if (!dags.some((dag) => dag.dag_id === wantedDag)) wantedDag = "";
      dag_choice.value = wantedDag;
      await show();
    },
    showFailed: () => {
      state.value = "failed";
      wantedDag = dag_choice.value = "";
      turnTo(undefined);
      runs_heading.scrollIntoView();
      runs_heading.focus();
    },
  };
}

const create = (run) => row(element("a", { href: runLink(run) }, identifier(run.run_id)));

function update(item, run, isInSeveral) {
  setCells(item, [
    ...(isInSeveral ? [identifier(run.dag_id)] : []),
    stateLabel(run.state),
    instant(run.execution_date),
    instant(run.start_date),
    instant(run.end_date),
  ]);
}
