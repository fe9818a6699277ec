/* Creating the previewed runs: those of one request, or all of a range. */

import { keep } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { Failure, post } from "../app/api.js";
import { PORTION } from "./form_values.js";
import * as outcomes from "./outcome.js";
import { portions, shareOf } from "./portions.js";

/**
 * Return the functions that create the runs of a request, and all runs of a range. Meanwhile the fields are disabled;
 * `place` says what came of it. They call `finished` when all runs were created, and `created` when only some were.
 */
export function creating({ fields, place, signal, preview, finished, created, report }) {
  const finish = (answer, number, body, isLeast = false) => {
    announce(`${outcomes.created(number, isLeast)}.`);
    // The address may be that of another view by now.
    if (signal.aborted) return;
    if (!answer.truncated) keep({ creating: "" });
    place.say(...outcomes.result(answer, number, body, () => preview(body), isLeast));
    finished();
  };

  const create = async (body) => {
    place.hint("Creating the runs…");
    fields.disabled = true;
    try {
      const answer = await post("dag_runs", body);
      finish(answer, answer.dag_run_ids.length, body);
    } catch (failure) {
      // A field that is disabled cannot have the focus.
      fields.disabled = false;
      if (failure.isUncertain) place.say(...outcomes.uncertain(failure.message, () => create(body)));
      else place.refuse(failure);
    } finally {
      fields.disabled = false;
    }
  };

  /**
   * Create all runs of a range, `before` of which have been created, or, when an answer was lost, at least so many. Leaving
   * the page ends it after a portion.
   */
  const createAll = async (body, before = 0, isLeast = false) => {
    let number = before;
    let isStopped = false;
    const proceed = () => createAll(body, number, isLeast);
    const [shown, update] = outcomes.progress(() => (isStopped = true));
    place.say(...shown);
    fields.disabled = true;
    // A reload must lead to the same batch.
    keep({ name: body.prefix, creating: "all" });
    try {
      for await (const { answer, last } of portions(body)) {
        number += answer.dag_run_ids.length;
        if (signal.aborted) return;
        if (last !== undefined) update(outcomes.created(number, isLeast), last, shareOf(body, last));
        // A portion skips the last run of the one before.
        if (!answer.truncated) return finish(number > 0 ? { ...answer, skipped: 0 } : answer, number, body, isLeast);
        if (isStopped) {
          place.say(...outcomes.partly(number, body, proceed));
          return created();
        }
      }
    } catch (failure) {
      if (signal.aborted) return;
      if (!(failure instanceof Failure)) return report(failure);
      isLeast ||= failure.isUncertain;
      const unknown = failure.isUncertain ? ` The last ${PORTION} may have been created as well.` : "";
      place.say(...outcomes.partly(number, body, proceed, `${failure.message}${unknown}`));
      created();
    } finally {
      fields.disabled = false;
    }
  };

  return { create, createAll };
}
