/* The view of one DAG: what is known of it, and the form that creates its runs. */

import { Failure, get } from "./api.js";
import { createForm } from "./create_form.js";
import { followForm } from "./follow_form.js";
import { pauseSwitch } from "./pause_switch.js";
import { facts, fill } from "./render.js";
import { identifier, instant } from "./values.js";

export const heading = ({ id }) => ["DAG ", identifier(id)];

export async function show(outlet, { id, signal, report }) {
  const dag = await read(id, signal);
  if (dag === undefined) throw new Failure(404, "There is no DAG with this id, or your token does not allow it.");
  const parts = fill(outlet, "dag-page");
  outlet.removeAttribute("aria-busy");
  const describe = (latest) =>
    parts.facts.replaceChildren(
      ...facts([
        ["File", identifier(latest.full_path, "–")],
        ["Last execution (UTC)", instant(latest.last_execution, "never")],
        ["Active", pauseSwitch(latest, report)],
      ]),
    );
  // New runs may have changed the last execution.
  const refresh = async () => describe((await read(id, signal)) ?? dag);

  describe(dag);
  createForm(parts, id, { signal, report, created: () => refresh().catch(report) });
  followForm(parts.follow, id);
}

async function read(id, signal) {
  const { dags } = (await get("dags", { signal })).contents;
  return dags.find((dag) => dag.dag_id === id);
}
