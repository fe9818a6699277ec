/* Ending the runs of a batch that have not started, once it has been asked whether that is meant. */

import { Failure, post } from "./api.js";
import { count, figure } from "../shared/elements.js";

/** Let the button of a batch ask, and cancel by a POST to an address; an event `progress` tells it the progress. */
export function cancelling(parts, address, signal) {
  const { cancel, cancelled, dialog, question, consequence, refusal, stay, really } = parts;
  let progress;

  cancel.addEventListener("progress", (event) => {
    progress = event.detail;
    describe();
  });
  cancel.addEventListener("click", () => {
    refusal.textContent = "";
    really.disabled = false;
    dialog.showModal();
  });
  stay.addEventListener("click", () => dialog.close());
  signal.addEventListener("abort", () => dialog.close());
  really.addEventListener("click", async () => {
    really.disabled = true;
    try {
      const outcome = await post(address);
      cancelled.textContent =
        `${count(outcome.cancelled, "run")} cancelled; ${figure(outcome.started)} had started and go on, ` +
        `${figure(outcome.ended)} had ended.`;
      dialog.close();
      document.dispatchEvent(new Event("look"));
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      refusal.textContent =
        failure.message +
        (failure.isUncertain ? " Whether they were cancelled is not known; doing it again is safe." : "");
      really.disabled = false;
    }
  });

  function describe() {
    const { queued = 0, running = 0, success = 0, failed = 0 } = progress.states;
    const ended = success + failed;
    const where = progress.dags.length > 1 ? ` in ${count(progress.dags.length, "DAG")}` : "";
    // Before Airflow 2.1 there are no queued runs: they begin as running.
    const those = queued === 0 ? "the runs that have not started" : count(queued, "queued run");
    question.textContent = `Cancel ${those}${where}?`;
    consequence.textContent =
      "Those that have not started are ended as failed, and their tasks never run. What has started goes on " +
      `(${figure(running)} running), and what has ended stays as it is (${figure(ended)}).`;
  }
}
