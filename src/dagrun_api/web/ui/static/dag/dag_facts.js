/* What is known of a DAG, as facts. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { day } from "../app/days.js";
import { disable } from "../app/focus.js";
import { drawFacts } from "../app/render.js";
import { duration, figure, identifier, instant, instantOf, relative, stateLabel } from "../app/values.js";

/**
 * Return the function that draws a DAG and its last run. Its function `counts` draws how many dates are missing and
 * failed in the period of the map; a click on one of these numbers gives the state to `choose`.
 */
export function dagFacts(list, choose) {
  const numbers = ["missing", "failed"].map((state) => {
    const click = () => choose(state);
    return { state, button: element("button", { type: "button", class: "number", disabled: true, click }, `… ${state}`) };
  });
  const counted = element("span", { class: "counted" }, ...numbers.map(({ button }) => button));
  let period = "Schedule";
  let shown;

  const draw = () => {
    const [dag, run] = shown;
    const pair = dag.unlistable === "None" ? [[period, counted]] : [];
    drawFacts(list, [...runsOf(dag, run), ...pair, ...settingsOf(dag)]);
  };
  const update = (dag, run) => {
    shown = [dag, run];
    draw();
  };
  update.counts = (title, counts) => {
    period = title;
    for (const { state, button } of numbers) {
      const number = counts.get(state);
      button.textContent = `${figure(number)} ${state}`;
      disable(button, number === 0, document.querySelector("main h1"));
    }
    draw();
  };
  return update;
}

function runsOf(dag, run) {
  return [
    ["Next run (UTC)", next(dag)],
    ["Last run (UTC)", run === undefined ? instant(dag.last_execution, "never") : last(run)],
    ["Active runs", activeRuns(dag)],
  ];
}

function settingsOf(dag) {
  const pairs = [];
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
  const name = instant(run.execution_date, identifier(run.run_id));
  return element("span", {}, element("a", { href: runLink(run) }, name), " ", stateLabel(run.state), ...took);
}

/** Return the first date; midnight goes without saying. */
const firstDate = ({ start_date: date }) => (date.endsWith(" 00:00:00") ? day(instantOf(date)) : instant(date));

function activeRuns({ active_runs: active, max_active_runs: most }) {
  return most === "None" ? figure(active) : `${figure(active)} of ${figure(Number(most))}`;
}
