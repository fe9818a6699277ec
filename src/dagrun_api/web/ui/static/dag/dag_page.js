/* The page of one DAG: its facts, the map of its schedule, the form that creates its runs, and its batches. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { eachMinute, pollNow, throttled } from "../app/polling.js";
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
  const updateSwitch = dagHead(parts, dag, report);

  let map;
  let form;
  const updateFacts = dagFacts(parts.facts, (state) => map.choose(state));
  const update = (latest, run) => {
    Object.assign(dag, latest);
    updateFacts(dag, run);
    updateSwitch();
  };
  const refresh = async (readMap) => {
    update(...(await read(id, signal)));
    await readMap();
  };
  const follow = throttled(() => refresh(map.follow), signal, report);
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
    created: () => {
      pollNow();
      refresh(map.read).catch(report);
    },
  });
  let known = inShort([dag, run]);
  const look = async () => {
    const latest = await read(id, signal);
    update(...latest);
    if (known !== inShort(latest)) follow();
    known = inShort(latest);
  };
  await Promise.all([dagBatches(parts, id, { signal, moved: follow }), eachMinute(look, signal, report)]);
}

/** Return what the map depends on: today, and what the schedule has done. */
const inShort = ([{ next_run_after: next, active_runs: active }, run]) =>
  [new Date().getUTCDate(), next, active, run?.run_id, run?.state].join();

/** Return the DAG and the run at its last execution date; undefined if there is none, or it is not on the schedule. */
async function read(id, signal) {
  const newest = path(["dag_runs"], { dag_id: id, order: "desc", limit: 1 });
  const [about, runs] = await Promise.all([get(path(["dags", id]), { signal }), get(newest, { signal })]);
  const { dag } = about.contents;
  const [run] = runs.contents.dag_runs;
  return [dag, run?.execution_date === dag.last_execution ? run : await runAt(dag, signal)];
}

/** Return the run at the last execution date of a DAG, where others were created after it. */
async function runAt({ dag_id: dagId, last_execution: date, unlistable }, signal) {
  if (date === "None" || unlistable !== "None") return undefined;
  const at = date.replace(" ", "T");
  const { contents } = await get(path(["dags", dagId, "ticks"], { start_date: at, end_date: at }), { signal });
  return contents.ticks.map(({ dag_run: run }) => run).find((run) => run !== "None");
}
