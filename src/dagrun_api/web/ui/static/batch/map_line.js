/* The line below the map: the run, or the runs, of the cell that is pointed at or has the focus. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { duration, figure, identifier, instant, instantOf, stateLabel } from "../app/values.js";
import { countsInWords } from "./run_cells.js";

/** Return a function that writes a cell into the line. A link to the same run stays, and with it the focus. */
export function mapLine(line) {
  const words = element("span", { class: "words" });
  const more = element("span");
  let shown;

  return (cell) => {
    const { run, runs } = cell;
    words.replaceChildren(...(runs.length === 1 ? ofOne(run) : ofSeveral(cell)));
    if (shown !== run.id) {
      more.replaceChildren(element("a", { href: runLink(run) }, identifier(run.run_id)), " of ", identifier(run.dag_id));
      line.replaceChildren(words, more);
    }
    shown = run.id;
  };
}

function ofOne(run) {
  return [element("b", {}, instant(run.execution_date)), stateLabel(run.state), element("span", {}, ...timesOf(run))];
}

function timesOf({ state, start_date, end_date }) {
  if (end_date === "None") return start_date === "None" ? ["not started yet"] : ["started ", instant(start_date)];
  if (start_date === "None") return [state === "failed" ? "never started, ended " : "ended ", instant(end_date)];
  const seconds = Math.round((instantOf(end_date) - instantOf(start_date)) / 1000);
  return ["started ", instant(start_date), ", ended ", instant(end_date), ` (${duration(seconds)})`];
}

function ofSeveral({ runs, counts, state, run }) {
  const [first, last] = [runs[0], runs.at(-1)].map((each) => instant(each.execution_date));
  const dates = element("b", {}, first, " to ", last);
  const leads = run.state === "failed" ? "the first that failed:" : "the first:";
  const told = `${figure(runs.length)} runs: ${countsInWords(counts)}`;
  return [dates, stateLabel(state, told), element("span", {}, leads)];
}
