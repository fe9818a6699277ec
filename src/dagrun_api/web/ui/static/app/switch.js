/* The switch that pauses a DAG, or lets it go on. */

import { path } from "./addresses.js";
import { post } from "./api.js";
import { element } from "../shared/elements.js";
import { announce } from "./notices.js";

/**
 * Return the switch of a DAG; it changes `is_active` of it when the service has done so, and then calls `changed`. A
 * failure goes to `report`, and null when there is none any more.
 */
export function pauseSwitch(dag, report, changed = () => {}) {
  const box = element("input", { type: "checkbox", role: "switch", "aria-label": `${dag.dag_id} is active` });
  const word = element("span", { class: "word" });
  let isBusy = false;

  const draw = () => {
    box.checked = dag.is_active;
    word.textContent = dag.is_active ? "active" : "paused";
    changed();
  };
  box.addEventListener("click", (event) => {
    if (isBusy) event.preventDefault();
  });
  box.addEventListener("change", async () => {
    isBusy = true;
    try {
      const paused = await post(path(["dags", dag.dag_id, "paused", !box.checked]));
      dag.is_active = !paused.is_paused;
      report(null);
      announce(`${dag.dag_id} is ${dag.is_active ? "active" : "paused"} now.`);
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
      draw();
    }
  });
  draw();
  return element("span", { class: "switch" }, box, word);
}
