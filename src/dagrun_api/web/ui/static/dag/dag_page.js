/* The view of one DAG: what is known of it, the map of its schedule, and the form that creates its runs. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { createForm } from "./create_form.js";
import { dagFacts } from "./dag_facts.js";
import { followForm } from "../app/follow_form.js";
import { limitFields } from "./limit_fields.js";
import { fill } from "../app/render.js";
import { scheduleMap } from "../map/schedule_map.js";
import { identifier } from "../app/values.js";

export const heading = ({ id }) => ["DAG ", identifier(id)];

export async function show(outlet, { id, signal, report }) {
  const [dag, about] = await Promise.all([read(id, signal), get("about", { signal })]);
  const parts = fill(outlet, "dag-page");
  outlet.removeAttribute("aria-busy");
  const describe = (latest) => parts.facts.replaceChildren(...dagFacts(latest, report));
  // New runs may have changed the last execution, and stand on dates of the map.
  const refresh = async () => {
    describe(await read(id, signal));
    await readAgain();
  };

  describe(dag);
  limitFields(parts, dag, about.contents);
  const setWindow = createForm(parts, id, { signal, report, created: () => refresh().catch(report) });
  const readAgain = scheduleMap(parts.schedule, dag, { signal, report, setWindow });
  followForm(parts.follow, id);
}

const read = async (id, signal) => (await get(path(["dags", id]), { signal })).contents.dag;
