/* One run. */

import { batchOf, link, path } from "./addresses.js";
import { get } from "./api.js";
import { element, instant, named, state } from "../shared/elements.js";

export const heading = ({ id }) => ["Run ", named(id)];

export async function show(outlet, { id, query, signal }) {
  const { dag_run: run } = (await get(path(["dag_runs", id], { dag_id: query.get("dag_id") }), { signal })).contents;
  const batch = batchOf(id);
  const facts = [
    ["DAG", element("a", { href: link(["dags", run.dag_id]) }, named(run.dag_id))],
    ["State", state(run.state)],
    ["Execution date (UTC)", instant(run.execution_date)],
    ["Started (UTC)", instant(run.start_date, "not yet")],
    ["Ended (UTC)", instant(run.end_date, "not yet")],
    ["Made by", run.external_trigger === "True" ? "a request" : "the schedule"],
  ];
  if (batch)
    facts.push(["Batch", element("a", { href: link(["batches", batch], { dag_id: run.dag_id }) }, named(batch))]);
  const items = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  outlet.replaceChildren(element("dl", { class: "facts" }, ...items));
  outlet.removeAttribute("aria-busy");
}
