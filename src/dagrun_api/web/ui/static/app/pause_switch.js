/* The switch that pauses and unpauses a DAG. */

import { element } from "../shared/elements.js";
import { path } from "./addresses.js";
import { announce } from "./announce.js";
import { post } from "./api.js";

/**
 * Return the switch of a DAG, and the function that draws it after the DAG was read again. When the service has answered
 * a click, the switch sets `is_active` and `is_draining` of the DAG, and calls `changed`. A failure goes to `report`;
 * after a success `report` gets null.
 */
export function pauseSwitch(dag, report, changed = () => {}) {
  const box = element("input", { type: "checkbox", role: "switch", "aria-label": `${dag.dag_id} is active` });
  const word = element("span", { class: "word" });
  let isBusy = false;

  const stateWord = () => (dag.is_draining ? "draining" : dag.is_active ? "active" : "paused");
  const draw = () => {
    box.checked = dag.is_active;
    // Writing the same word again would make the browser lay out the page again.
    if (word.textContent !== stateWord()) word.textContent = stateWord();
    changed();
  };
  box.addEventListener("click", (event) => {
    if (isBusy) event.preventDefault();
  });
  box.addEventListener("change", async () => {
    isBusy = true;
    try {
      const answer = await post(path(["dags", dag.dag_id, "paused", !box.checked]));
      dag.is_active = !answer.is_paused;
      dag.is_draining = false;
      report(null);
      announce(`${dag.dag_id} is now ${stateWord()}.`);
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
      draw();
    }
  });
  draw();
  return [element("span", { class: "switch" }, box, word), () => isBusy || draw()];
}
