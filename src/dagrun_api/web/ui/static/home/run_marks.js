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
    const sorted = runs.toSorted((one, other) => (one.execution_date < other.execution_date ? -1 : 1));
    reconcile(marks, sorted, { key: (run) => run.id, create, update });
    putInTabOrder(marks.lastChild?.firstChild);
  };
  return [marks, draw];
}

const create = (run) => element("li", {}, element("a", { href: runLink(run), tabindex: "-1" }));

function update(item, run) {
  const mark = item.firstChild;
  mark.dataset.state = run.state;
  // The style sheet shows the same text beside the mark that has the pointer or the focus.
  mark.setAttribute("aria-label", `${run.execution_date.split(".")[0]} UTC, ${run.state}`);
}
