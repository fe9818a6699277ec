/* One DAG, and the form that creates runs of it: looked at first, by a dry run, and created as they were seen. */

import { Failure, get, post } from "./api.js";
import { count, element, instant, named, put } from "../shared/elements.js";
import { follow } from "./follow.js";
import { announce } from "./notices.js";
import { preview, result, tooMany, uncertain } from "./outcome.js";
import { pauseSwitch } from "./switch.js";

export const heading = ({ id }) => ["DAG ", named(id)];

export async function show(outlet, { id, signal, report }) {
  const dag = await dagOf(id, signal);
  if (dag === undefined) throw new Failure(404, "There is no DAG with this id, or none that your token is for.");
  const { facts, form, fields, outcome, follow: following } = put(outlet, "dag-page");
  outlet.removeAttribute("aria-busy");
  follow(following, id);
  facts.replaceChildren(...described(dag, report));
  const describe = async () => facts.replaceChildren(...described((await dagOf(id, signal)) ?? dag, report));

  // The dry run that was asked for last: what comes of an earlier one is of no interest any more.
  let latest = new AbortController();

  const say = (...children) => {
    outcome.replaceChildren(...children);
    const title = outcome.querySelector("h3");
    title?.focus();
    title?.scrollIntoView({ block: "nearest" });
  };
  const hint = (sentence) => say(element("p", { class: "hint" }, sentence));
  const refused = (failure) => {
    if (failure instanceof Failure) say(element("p", { role: "alert", class: "message" }, failure.message));
    else report(failure);
  };

  /** Return what a dry run says; never, when another has been begun meanwhile. */
  const rehearse = (body) => {
    latest.abort();
    latest = new AbortController();
    return post("dag_runs", { ...body, dry_run: true }, AbortSignal.any([signal, latest.signal]));
  };

  const look = async (body) => {
    hint("Looking what would be created…");
    try {
      say(...preview(await rehearse(body), body, create));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      refused(failure);
      if (failure.status === 400 && body.partial === undefined) await lookForFewer(body, failure);
    }
  };

  /** Offer the earliest, if it is for their number that the runs were refused. */
  const lookForFewer = async (body, refusal) => {
    const partial = { ...body, partial: "true" };
    try {
      const planned = await rehearse(partial);
      const offer = () => {
        form.elements.partial.checked = true;
        look(partial);
      };
      if (planned.truncated) say(...tooMany(refusal.message, planned, offer));
    } catch {
      // Then it was refused for something else, which has been told.
    }
  };

  const create = async (body) => {
    hint("Creating…");
    fields.disabled = true;
    try {
      const created = await post("dag_runs", body);
      announce(`${count(created.dag_run_ids.length, "run")} created.`);
      say(...result(created, body, () => look(body)));
      describe().catch(report);
    } catch (failure) {
      if (failure.isUncertain) say(...uncertain(failure.message, () => create(body)));
      else refused(failure);
    } finally {
      fields.disabled = false;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Each key may be sent as a text, conf too: so the numbers in it stay as they were written.
    const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
    look({ dag_id: id, ...Object.fromEntries(given.filter(([, value]) => value !== "")) });
  });
  form.addEventListener("input", () => {
    latest.abort();
    if (outcome.childElementCount) hint("Something was changed: preview it again.");
  });
}

async function dagOf(id, signal) {
  const { dags } = (await get("dags", { signal })).contents;
  return dags.find((each) => each.dag_id === id);
}

function described(dag, report) {
  const facts = [
    ["File", named(dag.full_path, "–")],
    ["Last execution (UTC)", instant(dag.last_execution, "never")],
    ["Active", pauseSwitch(dag, report)],
  ];
  return facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
}
