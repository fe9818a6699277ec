/* The form that creates runs: a dry run shows a preview, and exactly that request creates them. */

import { element } from "../shared/elements.js";
import { announce } from "../app/announce.js";
import { Failure, post } from "../app/api.js";
import { cannotLimit, preview, result, tooMany, uncertain } from "./outcome.js";
import { unique } from "../app/prefix.js";
import { count } from "../app/values.js";

/**
 * Let the form preview and create runs of a DAG. Calls `created` after runs were created. Return
 * the function that fills in the window.
 */
export function createForm({ form, fields, outcome }, dagId, { signal, report, created }) {
  // Aborts the latest dry run, whose answer is not wanted after a change.
  let latest = new AbortController();
  form.elements.prefix.defaultValue = unique(dagId, new Date());

  const say = (...children) => {
    outcome.replaceChildren(...children);
    const title = outcome.querySelector("h3");
    title?.focus();
    title?.scrollIntoView({ block: "nearest" });
  };
  const hint = (sentence) => say(element("p", { class: "hint" }, sentence));
  const refuse = (failure) => {
    if (failure instanceof Failure) say(element("p", { role: "alert", class: "message" }, failure.message));
    else report(failure);
  };

  /** Return the answer to a dry run; throws an AbortError when another one starts. */
  const rehearse = (body) => {
    latest.abort();
    latest = new AbortController();
    return post("dag_runs", { ...body, dry_run: true }, AbortSignal.any([signal, latest.signal]));
  };

  const showPreview = async (body) => {
    hint("Loading the preview…");
    try {
      say(...preview(await rehearse(body), body, create));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      refuse(failure);
      if (failure.status === 400 || failure.status === 409) await offerInstead(body, failure.message);
    }
  };

  /** Offer the earliest runs, or those without a limit that nobody has chosen, if the service accepts these. */
  const offerInstead = async (body, refusal) => {
    const { partial, max_active_runs: limit } = form.elements;
    const { max_active_runs, ...unlimited } = body;
    try {
      if (body.partial === undefined) {
        const earliest = { ...body, partial: "true" };
        const planned = await unlessRefused(earliest);
        const accept = () => {
          partial.checked = true;
          showPreview(earliest);
        };
        if (planned?.truncated) return say(...tooMany(refusal, planned, accept));
      }
      if (max_active_runs !== undefined && max_active_runs === limit.defaultValue && (await unlessRefused(unlimited))) {
        const accept = () => {
          limit.value = "";
          limit.dispatchEvent(new Event("input", { bubbles: true }));
          showPreview(unlimited);
        };
        say(...cannotLimit(refusal, accept));
      }
    } catch (failure) {
      if (failure.name !== "AbortError") throw failure;
    }
  };

  const unlessRefused = async (body) => {
    try {
      return await rehearse(body);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
    }
  };

  const create = async (body) => {
    hint("Creating the runs…");
    fields.disabled = true;
    try {
      const answer = await post("dag_runs", body);
      announce(`${count(answer.dag_run_ids.length, "run")} created.`);
      say(...result(answer, body, () => showPreview(body)));
      created();
    } catch (failure) {
      if (failure.isUncertain) say(...uncertain(failure.message, () => create(body)));
      else refuse(failure);
    } finally {
      fields.disabled = false;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    showPreview({ dag_id: dagId, ...wantedOf(form) });
  });
  form.addEventListener("input", () => {
    latest.abort();
    if (outcome.childElementCount) hint("The form has changed. Preview it again.");
  });

  return (start, end) => {
    form.elements.start_date.value = start;
    form.elements.end_date.value = end;
    form.dispatchEvent(new Event("input"));
  };
}

/** Return the fields that are filled in. All are sent as text: a number in conf keeps its digits. */
function wantedOf(form) {
  const values = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  const wanted = Object.fromEntries(values.filter(([, value]) => value !== ""));
  const isWindow = wanted.start_date !== undefined || wanted.end_date !== undefined;
  // One run at this moment is no batch that has a limit.
  const { max_active_runs, run_backwards, ...single } = wanted;
  return isWindow ? wanted : single;
}
