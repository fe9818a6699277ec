/* The dialog that confirms the cancellation of the runs of a batch that have not started. */

import { element } from "../shared/elements.js";
import { path } from "../app/addresses.js";
import { Failure, post } from "../app/api.js";
import { hide } from "../app/focus.js";
import { pollNow } from "../app/polling.js";
import { asParameter } from "../app/prefix.js";
import { endedOf, hasEnded } from "../app/states.js";
import { count, figure } from "../app/values.js";
import { inAll, parametersOf } from "./batch_parts.js";

/**
 * Let the button of a batch open the dialog; the signal closes it. Return a function that writes the progress of the
 * batch into both.
 */
export function cancelDialog(parts, prefix, signal) {
  const { summary: heading, cancel, outcome, dialog, refusal, keep_runs, cancel_runs } = parts;
  let which;

  cancel.addEventListener("click", () => {
    refusal.textContent = "";
    cancel_runs.disabled = false;
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (cancel.hidden) heading.focus();
  });
  keep_runs.addEventListener("click", () => dialog.close());
  signal.addEventListener("abort", () => dialog.close());
  cancel_runs.addEventListener("click", async () => {
    cancel_runs.disabled = true;
    let total = 0;
    try {
      let answer;
      // A request stops after some seconds; a batch of many thousands of runs takes several.
      do {
        answer = await post(path(["batches", asParameter(prefix), "cancel"], which));
        total += answer.cancelled;
        outcome.replaceChildren(element("p", {}, summary(total, answer)));
      } while (answer.truncated);
      dialog.close();
      pollNow();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const advice = " The runs may or may not have been cancelled. It is safe to cancel again.";
      refusal.textContent = failure.message + (failure.isUncertain ? advice : "");
      // The dialog may have been closed meanwhile.
      const done = total > 0 ? `${count(total, "run")} cancelled. ` : "";
      outcome.replaceChildren(element("p", {}, done + refusal.textContent));
      cancel_runs.disabled = false;
      pollNow();
    }
  });

  return (progress) => {
    which = parametersOf(progress.dags);
    describe(parts, progress);
  };
}

const summary = (total, { cancelled, started, ended, truncated }) =>
  `${count(total, "run")} cancelled. ` +
  (truncated
    ? "Cancelling more…"
    : `Already started: ${figure(started)}. Already ended: ${figure(ended - (total - cancelled))}.`);

function describe({ cancel, summary: heading, question, consequence }, progress) {
  const { states, dags } = progress;
  const { queued = 0, running = 0 } = states;
  const where = inAll(dags);
  hide(cancel, hasEnded(progress), heading);
  cancel.textContent = `Cancel runs that have not started${where}…`;
  // Before Airflow 2.1 there are no queued runs: new ones are running at once.
  const which = queued === 0 ? "the runs that have not started" : count(queued, "queued run");
  question.textContent = `Cancel ${which}${where}?`;
  consequence.textContent =
    "Runs that have not started are marked as failed, and their tasks never run. Runs that have started continue " +
    `(${figure(running)} running). Runs that have ended do not change (${figure(endedOf(states))} ended).`;
}
