/* Previewing the runs of a request: the answer to a dry run, in words and in the map. */

import { post } from "../app/api.js";
import { instantOf } from "../app/values.js";
import * as outcomes from "./outcome.js";
import { refusal } from "./service_words.js";

/**
 * Return the function that previews the runs of a request, and the one that drops a preview whose answer is awaited. The
 * buttons of a preview call `create` and `createAll` with the request. `usualLimit` is the limit that nobody has chosen;
 * when the service refuses it, a button calls `removeLimit` and previews the request without it.
 */
export function previewing({ place, map, signal, create, createAll, usualLimit, removeLimit }) {
  let latest = new AbortController();
  const drop = () => latest.abort();

  /** Return the answer to a dry run; throws an AbortError when another one starts, or when it is dropped. */
  const rehearse = (body) => {
    drop();
    latest = new AbortController();
    return post("dag_runs", { ...body, dry_run: true }, AbortSignal.any([signal, latest.signal]));
  };
  const preview = async (body) => {
    place.hint("Loading the preview…");
    try {
      const planned = await rehearse(body);
      place.say(...outcomes.preview(planned, body, { create, createAll }));
      map.plan(planned.runs.map((run) => instantOf(run.execution_date)));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      if (!(await offersNoLimit(body, failure))) place.refuse(failure);
    }
  };
  /** Offer runs without the usual limit, if the service accepts these; return whether it does. */
  const offersNoLimit = async (body, failure) => {
    const { max_active_runs: limit, ...unlimited } = body;
    if (![400, 409].includes(failure.status) || limit === undefined || limit !== usualLimit()) return false;
    try {
      await rehearse(unlimited);
    } catch {
      return latest.signal.aborted || signal.aborted;
    }
    const accept = () => {
      removeLimit();
      preview(unlimited);
    };
    place.say(...outcomes.cannotLimit(refusal(failure.message).sentence, accept));
    return true;
  };

  return { preview, drop };
}
