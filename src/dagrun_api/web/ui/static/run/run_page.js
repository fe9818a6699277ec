/* The view of one run in full, which reads it again until it has ended. */

import { element } from "../shared/elements.js";
import { batchLink, dagLink, path } from "../app/addresses.js";
import { airflowLink } from "../app/airflow_link.js";
import { announce } from "../app/announce.js";
import { Failure, get } from "../app/api.js";
import { rest } from "../app/polling.js";
import { batchOf } from "../app/prefix.js";
import { drawFacts, fill } from "../app/render.js";
import { ENDED } from "../app/states.js";
import { duration, identifier, instant, instantOf, stateLabel } from "../app/values.js";
import { neighbours } from "./neighbours.js";
import { tickLink } from "./tick_link.js";

export const heading = ({ id }) => ["Run ", identifier(id)];

export async function show(outlet, { id, query, signal, report }) {
  const read = async () =>
    (await get(path(["dag_runs", id], { dag_id: query.get("dag_id") }), { signal })).contents.dag_run;
  let run = await read();
  const parts = fill(outlet, "run-page");
  outlet.removeAttribute("aria-busy");
  drawConf(parts, run.conf);
  parts.airflow.replaceChildren(...airflowLink(run));
  drawNeighbours(parts, run, signal).catch(report);
  for (;;) {
    drawFacts(parts.facts, describe(id, run));
    await rest(ENDED.includes(run.state), signal);
    const { state } = run;
    run = await read();
    if (run.state !== state) announce(`The run is ${run.state} now.`);
  }
}

function describe(id, run) {
  const { dag_id: dagId, data_interval_start: start, data_interval_end: end } = run;
  const batch = batchOf(id);
  // A release without such a column has the word None, which says nothing about the run.
  const unlessNone = (name, value, shown) => (value === "None" ? [] : [[name, shown]]);
  return [
    ["State", stateLabel(run.state)],
    ["DAG", element("a", { href: dagLink(dagId) }, identifier(dagId))],
    ...(batch ? [["Batch", element("a", { href: batchLink(batch, dagId) }, identifier(batch))]] : []),
    ["Created by", run.external_trigger === "True" ? "a request" : "the schedule"],
    ["Execution date (UTC)", instant(run.execution_date)],
    ...unlessNone("Data interval (UTC)", start, element("span", {}, instant(start), " to ", instant(end))),
    ...unlessNone("Run after (UTC)", run.run_after, instant(run.run_after)),
    ...unlessNone("Queued (UTC)", run.queued_at, instant(run.queued_at)),
    ["Started (UTC)", instant(run.start_date, "not yet")],
    ["Ended (UTC)", instant(run.end_date, "not yet")],
    ...howLong(run),
  ];
}

function howLong(run) {
  if (run.duration !== "None") return [["Duration", duration(run.duration)]];
  if (run.state !== "running" || run.start_date === "None") return [];
  return [["Running for", duration(Math.max(0, Math.floor((Date.now() - instantOf(run.start_date)) / 1000)))]];
}

function drawConf({ conf: section, conf_text: text, rounded }, conf) {
  section.hidden = conf === "None";
  text.textContent = JSON.stringify(conf, null, 2);
  // The browser keeps some 16 digits of a number.
  rounded.hidden = !/\d{16}|\de\+/.test(text.textContent);
}

async function drawNeighbours({ neighbours: section, before, after }, run, signal) {
  // In Airflow 3, a run that an asset has triggered has no date.
  if (run.execution_date === "None") return;
  let found;
  try {
    found = await neighbours(run, signal);
  } catch (failure) {
    // A DAG that has gone, or whose schedule has no dates to list.
    if (failure instanceof Failure && failure.status < 500) return;
    throw failure;
  }
  before.replaceChildren(...tickLink(run.dag_id, found.before));
  after.replaceChildren(...tickLink(run.dag_id, found.after));
  section.hidden = false;
}
