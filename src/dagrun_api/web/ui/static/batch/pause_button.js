/* The button that pauses a native backfill, and continues it. */

import { element } from "../shared/elements.js";
import { path } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { post } from "../app/api.js";
import { hide } from "../app/focus.js";
import { pollNow } from "../app/polling.js";
import { asParameter } from "../app/prefix.js";
import { hasEnded } from "../app/states.js";

/**
 * Return the button of a batch in one DAG, and the function that writes the progress in that DAG into it. `name` makes
 * its accessible name from its text. When it vanishes, its focus goes to `next`. A failure goes to `report`; after a
 * success `report` gets null.
 */
export function pauseButton(prefix, next, report, name = (text) => text) {
  let shown;
  let isBusy = false;

  const update = (progress) => {
    shown = progress;
    const { is_paused } = progress;
    const text = is_paused === true ? "Continue" : "Pause";
    button.textContent = text;
    button.setAttribute("aria-label", name(text));
    hide(button, is_paused === "None" || hasEnded(progress), next);
  };
  const click = async () => {
    if (isBusy) return;
    isBusy = true;
    const { dag_id, is_paused } = shown;
    try {
      const answer = await post(path(["batches", asParameter(prefix), "paused", !is_paused], { dag_id }));
      update({ ...shown, is_paused: answer.is_paused });
      report(null);
      announce(answer.is_paused ? `Paused in ${dag_id}.` : `Continued in ${dag_id}.`);
      pollNow();
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
    }
  };
  const button = element("button", { type: "button", click });
  return [button, update];
}
