/* The view of one run. */

import { element } from "../shared/elements.js";
import { link, path } from "./addresses.js";
import { get } from "./api.js";
import { batchOf } from "./prefix.js";
import { facts } from "./render.js";
import { identifier, instant, stateLabel } from "./values.js";

export const heading = ({ id }) => ["Run ", identifier(id)];

export async function show(outlet, { id, query, signal }) {
  const { dag_run: run } = (await get(path(["dag_runs", id], { dag_id: query.get("dag_id") }), { signal })).contents;
  outlet.replaceChildren(element("dl", { class: "facts" }, ...facts(describe(id, run))));
  outlet.removeAttribute("aria-busy");
}

function describe(id, run) {
  const pairs = [
    ["DAG", element("a", { href: link(["dags", run.dag_id]) }, identifier(run.dag_id))],
    ["State", stateLabel(run.state)],
    ["Execution date (UTC)", instant(run.execution_date)],
    ["Started (UTC)", instant(run.start_date, "not yet")],
    ["Ended (UTC)", instant(run.end_date, "not yet")],
    ["Created by", run.external_trigger === "True" ? "a request" : "the schedule"],
  ];
  const batch = batchOf(id);
  if (batch) {
    const href = link(["batches", batch], { dag_id: run.dag_id });
    pairs.push(["Batch", element("a", { href }, identifier(batch))]);
  }
  return pairs;
}
