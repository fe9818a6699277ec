/* The marks of the last runs of DAGs: the oldest on the left, the newest on the right. Colour and form tell the state. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { reconcile } from "../app/render.js";

/** Return the list of marks of a DAG. One mark is in the tab order; the arrow keys, Home and End lead to the others. */
export function marksOf(dagId) {
  return element("ol", { class: "marks", "aria-label": `Last runs of ${dagId}`, focusin: putInTabOrder, keydown: moveFocus });
}

/** Draw some runs into the list of marks, by execution date. */
export function drawMarks(marks, runs) {
  reconcile(marks, runs.toSorted(byDate), { key: (run) => run.id, create, update });
  if (marks.querySelector("[tabindex='0']") === null) marks.lastChild?.firstChild.setAttribute("tabindex", "0");
}

/** Compare two runs by their date. One that has none, as Airflow 3 has them, is older. */
export function byDate(one, other) {
  const [first, second] = [one, other].map(({ execution_date: date }) => (date === "None" ? "" : date));
  return first === second ? one.id - other.id : first < second ? -1 : 1;
}

function create({ run_id: runId, dag_id: dagId }) {
  const href = link(["runs", runId], { dag_id: dagId });
  return element("li", {}, element("a", { href, tabindex: "-1" }));
}

function update(item, run) {
  const mark = item.firstChild;
  mark.dataset.state = run.state;
  // The style sheet shows the same text beside the mark that has the pointer or the focus.
  const date = run.execution_date === "None" ? "no date" : `${run.execution_date.split(".")[0]} UTC`;
  mark.setAttribute("aria-label", `${date}, ${run.state}`);
}

function putInTabOrder({ currentTarget: marks, target }) {
  marks.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  target.setAttribute("tabindex", "0");
}

function moveFocus(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = [...event.currentTarget.children];
  const place = items.indexOf(event.target.parentElement) + step;
  items[Math.max(0, Math.min(place, items.length - 1))].firstChild.focus();
}
