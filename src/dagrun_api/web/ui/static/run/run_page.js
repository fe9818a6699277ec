/* The view of one run in full. */

import { element } from "../shared/elements.js";
import { link, path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { batchOf } from "../app/prefix.js";
import { facts } from "../app/render.js";
import { duration, identifier, instant, stateLabel } from "../app/values.js";

export const heading = ({ id }) => ["Run ", identifier(id)];

export async function show(outlet, { id, query, signal }) {
  const { dag_run: run } = (await get(path(["dag_runs", id], { dag_id: query.get("dag_id") }), { signal })).contents;
  outlet.replaceChildren(
    element("dl", { class: "facts" }, ...facts(describe(id, run))),
    ...airflowLink(run.airflow_url),
    ...confSection(run.conf),
  );
  outlet.removeAttribute("aria-busy");
}

function describe(id, run) {
  const { data_interval_start: start, data_interval_end: end } = run;
  const batch = batchOf(id);
  const dagHref = link(["dags", run.dag_id]);
  const batchHref = link(["batches", batch], { dag_id: run.dag_id });
  // A release without such a column has the word None, which says nothing about the run.
  const unlessNone = (name, value, shown) => (value === "None" ? [] : [[name, shown]]);
  return [
    ["DAG", element("a", { href: dagHref }, identifier(run.dag_id))],
    ...(batch ? [["Batch", element("a", { href: batchHref }, identifier(batch))]] : []),
    ["State", stateLabel(run.state)],
    ["Created by", run.external_trigger === "True" ? "a request" : "the schedule"],
    ["Execution date (UTC)", instant(run.execution_date)],
    ...unlessNone("Data interval (UTC)", start, element("span", {}, instant(start), " to ", instant(end))),
    ...unlessNone("Run after (UTC)", run.run_after, instant(run.run_after)),
    ...unlessNone("Queued (UTC)", run.queued_at, instant(run.queued_at)),
    ["Started (UTC)", instant(run.start_date, "not yet")],
    ["Ended (UTC)", instant(run.end_date, "not yet")],
    ...unlessNone("Duration", run.duration, duration(run.duration)),
  ];
}

function airflowLink(href) {
  if (href === "None") return [];
  const hint = element("span", { class: "visually-hidden" }, " (opens a new tab)");
  return [element("p", {}, element("a", { href, target: "_blank", rel: "noreferrer" }, "Open in Airflow", hint))];
}

function confSection(conf) {
  if (conf === "None") return [];
  const text = JSON.stringify(conf, null, 2);
  const region = { class: "long", tabindex: "0", role: "region", "aria-labelledby": "conf-heading" };
  // The browser keeps some 16 digits of a number.
  const isInexact = /\d{16}|\de\+/.test(text);
  return [
    element(
      "section",
      {},
      element("h2", { id: "conf-heading" }, "Conf"),
      element("pre", region, text),
      ...(isInexact ? [element("p", { class: "hint" }, "Very long numbers are rounded here; the API has all digits.")] : []),
    ),
  ];
}
