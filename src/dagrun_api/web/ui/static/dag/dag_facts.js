/* What is known of a DAG, as facts. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { day } from "../app/days.js";
import { facts } from "../app/render.js";
import { duration, figure, instant, instantOf, relative, stateLabel } from "../app/values.js";

/**
 * Return the function that draws a DAG and its last run. Its function `counts` draws how many dates are missing and
 * failed in the period of the map; a click on one of these numbers gives the state to `choose`.
 */
export function dagFacts(list, choose) {
  const numbers = ["missing", "failed"].map((state) => {
    const button = element("button", { type: "button", class: "number", click: () => choose(state) });
    const [item] = facts([["", button]]);
    item.hidden = true;
    return { state, button, item };
  });
  const update = (dag, run) => list.replaceChildren(...facts(pairsOf(dag, run)), ...numbers.map(({ item }) => item));
  update.counts = (period, counts) => {
    for (const { state, button, item } of numbers) {
      const number = counts.get(state);
      item.hidden = false;
      const name = period.replace(/^(Last|Today)/, (word) => word.toLowerCase());
      item.firstChild.textContent = `${state === "missing" ? "Missing" : "Failed"}, ${name}`;
      button.textContent = figure(number);
      button.classList.toggle("some", number > 0);
      button.disabled = number === 0;
    }
  };
  return update;
}

function pairsOf(dag, run) {
  const pairs = [
    ["Next run (UTC)", next(dag)],
    ["Last run (UTC)", run === undefined ? instant(dag.last_execution, "never") : last(run)],
    ["Active runs", activeRuns(dag)],
  ];
  if (dag.start_date !== "None") pairs.push(["First date (UTC)", firstDate(dag)]);
  if (dag.catchup !== "None") pairs.push(["Catchup", dag.catchup ? "on" : "off"]);
  if (dag.owners !== "None") pairs.push(["Owners", dag.owners]);
  if (dag.has_import_errors) pairs.push(["Import", stateLabel("failed", "Airflow could not import the file")]);
  return pairs;
}

function next({ next_run_after: date }) {
  if (date === "None") return "none planned";
  return element("span", {}, instant(date), ` (${relative(date)})`);
}

function last(run) {
  const ended = [run.start_date, run.end_date].map((date) => (date === "None" ? NaN : instantOf(date)));
  const seconds = Math.max(0, Math.round((ended[1] - ended[0]) / 1000));
  const took = Number.isNaN(seconds) ? [] : [`, ${duration(seconds)}`];
  return element(
    "span",
    {},
    element("a", { href: runLink(run) }, instant(run.execution_date)),
    " ",
    stateLabel(run.state),
    ...took,
  );
}

/** Return the first date; midnight goes without saying. */
const firstDate = ({ start_date: date }) => (date.endsWith(" 00:00:00") ? day(instantOf(date)) : instant(date));

function activeRuns({ active_runs: active, max_active_runs: most }) {
  return most === "None" ? figure(active) : `${figure(active)} of ${figure(Number(most))}`;
}
