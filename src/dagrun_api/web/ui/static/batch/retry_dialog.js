/* The dialog that shows what a retry of the failed runs of a batch would do, and does it. */

import { element } from "../shared/elements.js";
import { path } from "../app/addresses.js";
import { Failure, post } from "../app/api.js";
import { hide } from "../app/focus.js";
import { pollNow } from "../app/polling.js";
import { asParameter } from "../app/prefix.js";
import { warningList } from "../app/render.js";
import { count, figure } from "../app/values.js";
import { inAll, parametersOf } from "./batch_parts.js";

/**
 * Let the button of a batch open the dialog; the signal closes it. Return a function that writes the progress of the
 * batch into both.
 */
export function retryDialog(parts, prefix, signal) {
  const { retry, retry_dialog, retry_preview, retry_refusal, keep_failed, retry_runs, outcome } = parts;
  let which;
  let chosen;
  // Aborts the dry run when its answer is not wanted any more.
  let opened = new AbortController();

  const send = (query, until) => post(path(["batches", asParameter(prefix), "retry"], query), undefined, until);
  const refuse = (failure, advice) => {
    if (!(failure instanceof Failure)) throw failure;
    retry_refusal.textContent = failure.message + (failure.isUncertain ? advice : "");
  };

  retry.addEventListener("click", async () => {
    chosen = which;
    opened = new AbortController();
    const until = AbortSignal.any([signal, opened.signal]);
    retry_refusal.textContent = "";
    retry_runs.disabled = true;
    retry_preview.replaceChildren(element("p", {}, "Looking at the failed runs…"));
    retry_dialog.showModal();
    try {
      const planned = await send({ ...chosen, dry_run: true }, until);
      retry_preview.replaceChildren(...preview(planned));
      retry_runs.disabled = planned.requeued + planned.cleared === 0 && !planned.truncated;
    } catch (failure) {
      if (until.aborted) return;
      retry_preview.replaceChildren();
      refuse(failure, "");
    }
  });
  retry_dialog.addEventListener("close", () => {
    opened.abort();
    if (retry.hidden) parts.summary.focus();
  });
  keep_failed.addEventListener("click", () => retry_dialog.close());
  signal.addEventListener("abort", () => retry_dialog.close());
  retry_runs.addEventListener("click", async () => {
    retry_runs.disabled = true;
    retry_refusal.textContent = "";
    let requeued = 0;
    let cleared = 0;
    try {
      let answer;
      // A request stops after some seconds, and after 500 runs that Airflow clears.
      do {
        answer = await send(chosen);
        requeued += answer.requeued;
        cleared += answer.cleared;
        outcome.replaceChildren(...result(requeued, cleared, answer));
      } while (answer.truncated);
      retry_dialog.close();
    } catch (failure) {
      refuse(failure, " The runs may or may not run again. It is safe to retry again.");
      // The dialog may have been closed meanwhile.
      const before = requeued + cleared > 0 ? `${done(requeued, cleared)} ` : "";
      outcome.replaceChildren(element("p", {}, before + retry_refusal.textContent));
      retry_runs.disabled = false;
    } finally {
      // Also after a failure: earlier requests may have put runs back.
      pollNow();
    }
  });

  return ({ states, dags }) => {
    const { failed = 0 } = states;
    which = parametersOf(dags);
    hide(retry, failed === 0, parts.summary);
    retry.textContent = `Retry failed runs${inAll(dags)}…`;
    if (!retry_dialog.open) parts.retry_question.textContent = `Retry ${count(failed, "failed run")}${inAll(dags)}?`;
  };
}

function preview({ requeued, cleared, left, truncated, warnings }) {
  if (requeued + cleared + left === 0) return [element("p", {}, "The batch has no failed runs any more.")];
  const lines = [];
  if (requeued) lines.push(`${count(requeued, "run")} never started and will be queued again.`);
  if (cleared) lines.push(`${count(cleared, "run")} will be cleared by Airflow, so that the failed tasks run again.`);
  if (truncated) lines.push(`${count(left, "other run")} will be looked at after that, a portion at a time.`);
  else if (left) lines.push(`${count(left, "run")} will stay failed.`);
  const items = lines.map((line) => element("li", {}, line));
  return [element("ul", {}, ...items), ...warningList(warnings)];
}

function result(requeued, cleared, { left, truncated, warnings }) {
  if (truncated) return [element("p", {}, `${done(requeued, cleared)} Retrying more…`)];
  const rest = left ? ` ${count(left, "run")} ${left === 1 ? "stays" : "stay"} failed.` : "";
  return [element("p", {}, done(requeued, cleared) + rest), ...warningList(warnings)];
}

function done(requeued, cleared) {
  const parts = [];
  if (requeued || !cleared) parts.push(`${count(requeued, "run")} queued again`);
  if (cleared) parts.push(`${requeued ? figure(cleared) : count(cleared, "run")} cleared by Airflow to run again`);
  return `${parts.join(", ")}.`;
}
