/* The marks of the last runs of a DAG, the newest on the right. Colour and form tell the state. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { reconcile } from "../app/render.js";
import { rovingTabindex } from "../app/roving_tabindex.js";

/** Return the list of the marks of a DAG, one stop of the Tab key, and the function that draws some runs into it. */
export function runMarks(dagId) {
  const marks = element("ol", { class: "marks", "aria-label": `Last runs of ${dagId}` });
  const putInTabOrder = rovingTabindex(marks, () => [...marks.querySelectorAll("a")]);
  const draw = (runs) => {
    reconcile(marks, runs.toSorted(byDate), { key: (run) => run.id, create, update });
    putInTabOrder(marks.lastChild?.firstChild);
  };
  return [marks, draw];
}

/** Compare two runs by their date. One that has none, as Airflow 3 has them, is older. */
export function byDate(one, other) {
  const [first, second] = [one, other].map(({ execution_date: date }) => (date === "None" ? "" : date));
  return first === second ? one.id - other.id : first < second ? -1 : 1;
}

const create = (run) => element("li", {}, element("a", { href: runLink(run), tabindex: "-1" }));

function update(item, run) {
  const mark = item.firstChild;
  mark.dataset.state = run.state;
  // The style sheet shows the same text beside the mark that has the pointer or the focus.
  const date = run.execution_date === "None" ? "no date" : `${run.execution_date.split(".")[0]} UTC`;
  mark.setAttribute("aria-label", `${date}, ${run.state}`);
}
