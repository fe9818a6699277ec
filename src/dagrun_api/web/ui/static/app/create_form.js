/* The form that creates runs: a dry run shows a preview, and exactly that request creates them. */

import { element } from "../shared/elements.js";
import { announce } from "./announce.js";
import { Failure, post } from "./api.js";
import { cannotLimit, preview, result, tooMany, uncertain } from "./outcome.js";
import { count } from "./values.js";

/** Let the form preview and create runs of a DAG. Calls `created` after runs were created. */
export function createForm({ form, fields, outcome }, dagId, { signal, report, created }) {
  // Aborts the latest dry run, whose answer is not wanted after a change.
  let latest = new AbortController();

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
      if (failure.status === 400 && body.partial === undefined) await offerPartial(body, failure);
      if (failure.status === 409 && body.max_active_runs !== undefined) await offerNoLimit(body, failure);
    }
  };

  /** Offer the earliest runs if the request was refused for their number. */
  const offerPartial = async (body, refusal) => {
    const partial = { ...body, partial: "true" };
    const accept = () => {
      form.elements.partial.checked = true;
      showPreview(partial);
    };
    try {
      const planned = await rehearse(partial);
      if (planned.truncated) say(...tooMany(refusal.message, planned, accept));
    } catch {
      // The number was not the reason, and the refusal is shown already.
    }
  };

  /** Offer ordinary runs if the request was refused for its limit. */
  const offerNoLimit = async ({ max_active_runs, run_backwards, ...body }, refusal) => {
    const accept = () => {
      const field = form.elements.max_active_runs;
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      showPreview(body);
    };
    try {
      await rehearse(body);
      say(...cannotLimit(refusal.message, accept));
    } catch {
      // The limit was not the reason, and the refusal is shown already.
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
