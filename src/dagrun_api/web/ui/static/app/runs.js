/* The list of a batch's runs: by state, a page at a time. */

import { link } from "./addresses.js";
import { count, element, instant, keep, named, state } from "../shared/elements.js";

const PAGE = 50;

/** Return a function that reads the page that is looked at, given the DAGs of the batch, and draws it. */
export function runsTable(parts, read, report) {
  const { filters, dag_field, dag_choice, rows, shown, previous, next } = parts;
  // Where each page begins, up to the one that is looked at.
  let starts = [undefined];
  let following;
  let latest = 0;

  const show = async () => {
    const turn = ++latest;
    const page = await read({
      dagId: dag_choice.value,
      state: filters.elements.state.value,
      start: starts.at(-1),
      size: PAGE,
    });
    if (turn !== latest) return;
    following = page.next;
    keep(rows, page.runs, (run) => run.id, make, tell);
    shown.textContent = page.runs.length ? `${count(page.runs.length, "run")} on page ${starts.length}` : "No runs";
    previous.disabled = starts.length === 1;
    next.disabled = following === undefined;
    previous.parentElement.hidden = previous.disabled && next.disabled;
  };
  const turnTo = (pages) => {
    starts = pages;
    show().catch(report);
  };

  filters.addEventListener("input", () => turnTo([undefined]));
  filters.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turnTo(starts.slice(0, -1)));
  next.addEventListener("click", () => turnTo([...starts, following]));

  return async (dags) => {
    dag_field.hidden = dags.length < 2;
    keep(
      dag_choice,
      dags,
      (dag) => dag.dag_id,
      (dag) => element("option", { value: dag.dag_id }, dag.dag_id),
      () => {},
    );
    await show();
  };
}

function make(run) {
  const address = link(["runs", run.run_id], { dag_id: run.dag_id });
  return element("tr", {}, element("th", { scope: "row" }, element("a", { href: address }, named(run.run_id))));
}

function tell(row, run) {
  const values = [state(run.state), instant(run.execution_date), instant(run.start_date), instant(run.end_date)];
  row.replaceChildren(row.firstChild, ...values.map((value) => element("td", {}, value)));
}
