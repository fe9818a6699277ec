/* The rows of the map of a batch, one for each DAG: its name, its counts, and the limit and pause of a backfill. */

import { element } from "../shared/elements.js";
import { batchLink } from "../app/addresses.js";
import { reconcile } from "../app/render.js";
import { endedOf } from "../app/states.js";
import { figure, identifier } from "../app/values.js";
import { pauseButton } from "./pause_button.js";

const NAME = "Runs by execution date";

/** Return a function that draws the rows, given the progress in each DAG. Failures go to `report`. */
export function mapRows({ map, map_heading: heading }, prefix, report) {
  const updates = new WeakMap();

  const create = ({ dag_id }) => {
    const counts = element("small");
    const word = element("small");
    const [button, updatePause] = pauseButton(prefix, heading, report, (text) => `${text} in ${dag_id}`);
    const limit = element("span", { class: "limit" }, word, button);
    const dag = element("a", { href: batchLink(prefix, dag_id), tabindex: "-1" }, identifier(dag_id));
    const label = element("div", { class: "map-label" }, element("p", {}, dag), counts, limit);
    const strip = element("ol", { class: "strip", role: "list", "aria-describedby": "run-map-hint" });
    const row = element("div", { class: "map-row" }, label, strip);
    updates.set(row, (progress, isOneOfSeveral) => {
      label.hidden = !isOneOfSeveral;
      strip.setAttribute("aria-label", isOneOfSeveral ? `${NAME}: ${dag_id}` : NAME);
      counts.textContent = countsOf(progress);
      limit.hidden = progress.backfill_id === "None";
      word.textContent = progress.is_paused === true ? "paused" : `at most ${figure(progress.max_active_runs)} at once`;
      updatePause(progress);
    });
    return row;
  };

  return (dags, isOneOfSeveral) =>
    reconcile(map, dags, {
      key: (dag) => dag.dag_id,
      create,
      update: (row, dag) => updates.get(row)(dag, isOneOfSeveral),
    });
}

function countsOf({ states, total }) {
  const { failed = 0, running = 0 } = states;
  const more = [...(failed ? [`${figure(failed)} failed`] : []), ...(running ? [`${figure(running)} running`] : [])];
  return [`${figure(endedOf(states))} of ${figure(total)} ended`, ...more].join(", ");
}
