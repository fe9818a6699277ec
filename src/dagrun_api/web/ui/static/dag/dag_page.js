/* The page of one DAG: what is known of it, the map of its schedule, the form that creates its runs, and its batches. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { pollNow } from "../app/polling.js";
import { fill } from "../app/render.js";
import { identifier } from "../app/values.js";
import { scheduleMap } from "../map/schedule_map.js";
import { createForm } from "./create_form.js";
import { dagBatches } from "./dag_batches.js";
import { dagFacts } from "./dag_facts.js";
import { dagHead } from "./dag_head.js";

export const heading = ({ id }) => ["DAG ", identifier(id)];

export async function show(outlet, { id, query, signal, report }) {
  const [[dag, run], about] = await Promise.all([read(id, signal), get("about", { signal })]);
  const parts = fill(outlet, "dag-page");
  outlet.removeAttribute("aria-busy");
  dagHead(parts, dag, report);

  let map;
  let form;
  const updateFacts = dagFacts(parts.facts, (state) => map.choose(state));
  // New runs may have changed the last run, and stand on dates of the map.
  const refresh = async () => {
    pollNow();
    updateFacts(...(await read(id, signal)));
    await map.read();
  };
  updateFacts(dag, run);
  map = scheduleMap(parts.schedule, dag, {
    query,
    signal,
    report,
    choosesSingle: () => form.choosesSingle(),
    range: (from, to) => form.setRange(from, to),
    several: (dates) => form.setDates(dates),
    single: (ofCell, before) => form.toggleDates(ofCell, before),
    counted: updateFacts.counts,
  });
  form = createForm(parts, dag, {
    about: about.contents,
    query,
    map,
    signal,
    report,
    created: () => refresh().catch(report),
  });
  await dagBatches(parts, id, signal);
}

/** Return the DAG and its newest run; undefined without any. */
async function read(id, signal) {
  const newest = path(["dag_runs"], { dag_id: id, order: "desc", limit: 1 });
  const [dag, runs] = await Promise.all([get(path(["dags", id]), { signal }), get(newest, { signal })]);
  return [dag.contents.dag, runs.contents.dag_runs[0]];
}
