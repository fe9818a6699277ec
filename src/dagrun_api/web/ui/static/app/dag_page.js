/* The view of one DAG: what is known of it, and the form that creates its runs. */

import { path } from "./addresses.js";
import { get } from "./api.js";
import { createForm } from "./create_form.js";
import { followForm } from "./follow_form.js";
import { limitFields } from "./limit_fields.js";
import { pauseSwitch } from "./pause_switch.js";
import { facts, fill } from "./render.js";
import { identifier, instant } from "./values.js";

export const heading = ({ id }) => ["DAG ", identifier(id)];

export async function show(outlet, { id, signal, report }) {
  const [dag, about] = await Promise.all([read(id, signal), get("about", { signal })]);
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
  const refresh = async () => describe(await read(id, signal));

  describe(dag);
  limitFields(parts, dag, about.contents);
  createForm(parts, id, { signal, report, created: () => refresh().catch(report) });
  followForm(parts.follow, id);
}

const read = async (id, signal) => (await get(path(["dags", id]), { signal })).contents.dag;
