/* The strip: one cell for each run, by execution date, with its state told by colour and by form. */

import { link } from "./addresses.js";
import { element, figure, instant, keep, named, state } from "../shared/elements.js";

const MOST_CELLS = 2000;

/**
 * Return a function that reads the runs of a batch and draws them.
 *
 * The tab key leads to one cell, the arrow keys, Home and End to the others.
 */
export function strip({ strip: list, span, pointed }, read) {
  const told = new WeakMap();

  const describe = (run) => `${run.execution_date} UTC, ${run.state}, ${run.run_id} of ${run.dag_id}`;
  const make = (run) =>
    element("li", {}, element("a", { href: link(["runs", run.run_id], { dag_id: run.dag_id }), tabindex: "-1" }));
  const tell = (cell, run) => {
    told.set(cell.firstChild, run);
    cell.firstChild.dataset.state = run.state;
    cell.firstChild.title = describe(run);
    cell.firstChild.setAttribute("aria-label", describe(run));
  };
  const point = (event) => {
    const run = told.get(event.target);
    if (run === undefined) return;
    pointed.replaceChildren(instant(run.execution_date), " ", state(run.state), " ", named(run.run_id));
  };
  const reach = (cell) => {
    list.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    cell?.setAttribute("tabindex", "0");
  };

  list.addEventListener("pointerover", point);
  list.addEventListener("focusin", (event) => {
    point(event);
    reach(event.target);
  });
  list.addEventListener("keydown", (event) => {
    const step = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: perRow(list),
      ArrowUp: -perRow(list),
      Home: -Infinity,
      End: Infinity,
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const cells = [...list.children];
    const place = cells.indexOf(event.target.parentElement) + step;
    cells[Math.max(0, Math.min(place, cells.length - 1))].firstChild.focus();
  });

  return async (progress) => {
    const runs = [];
    for (const { dag_id: dagId } of progress.dags) {
      if (runs.length < MOST_CELLS) runs.push(...(await read({ dagId, size: MOST_CELLS - runs.length })).runs);
    }
    const key = (run) => run.execution_date + run.dag_id + run.run_id;
    runs.sort((one, other) => (key(one) < key(other) ? -1 : 1));
    keep(list, runs, (run) => run.id, make, tell);
    if (list.querySelector("[tabindex='0']") === null) reach(list.querySelector("a"));
    if (runs.length === 0) return;
    span.replaceChildren(
      "From ",
      instant(runs[0].execution_date),
      " to ",
      instant(runs.at(-1).execution_date),
      " UTC, one cell a run; the arrow keys lead from one to the next.",
      ...(progress.total > runs.length
        ? [
            ` These are the ${figure(runs.length)} that were created first; the list below has all ${figure(progress.total)}.`,
          ]
        : []),
    );
  };
}

/** How many cells stand beside each other. */
function perRow(list) {
  const tops = [...list.children].map((cell) => cell.offsetTop);
  const second = tops.findIndex((top) => top !== tops[0]);
  return second === -1 ? tops.length : second;
}
