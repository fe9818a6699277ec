/* The page of a batch, which follows it until every run has ended. */

import { asked, link, path } from "./addresses.js";
import { bar, ORDER } from "./bar.js";
import { batchRuns } from "./batch_runs.js";
import { cancelling } from "./cancel.js";
import { count, element, figure, instant, keep, named, put } from "../shared/elements.js";
import { announce } from "./notices.js";
import { runsTable } from "./runs.js";
import { strip } from "./strip.js";
import { unhurried, watch } from "./waiting.js";

const ENDED = ["success", "failed"];

export function heading({ id, query }) {
  const dagId = query.get("dag_id");
  return [
    "Batch ",
    named(id),
    ...(dagId ? [" of the DAG ", element("a", { href: link(["dags", dagId]) }, named(dagId))] : []),
  ];
}

export async function show(outlet, { id, query, signal, report }) {
  const dag_id = query.get("dag_id");
  let parts;
  let changed;

  for await (const progress of watch(path(["batches", asked(id)], { dag_id }), signal)) {
    if (parts === undefined) {
      parts = put(outlet, "batch-page");
      outlet.removeAttribute("aria-busy");
      const read = batchRuns(id, signal);
      const cells = strip(parts, read);
      const table = runsTable(parts, read, report);
      changed = unhurried(
        async (latest) => {
          await table(latest.dags);
          await cells(latest);
        },
        signal,
        report,
      );
      cancelling(parts, path(["batches", asked(id), "cancel"], { dag_id }), signal);
    }
    const ended = ENDED.reduce((sum, state) => sum + (progress.states[state] ?? 0), 0);
    draw(parts, id, progress, ended);
    parts.cancel.dispatchEvent(new CustomEvent("progress", { detail: progress }));
    changed(progress);
    if (ended === progress.total) {
      announce("Every run of the batch has ended.");
      return;
    }
  }
}

function draw(parts, prefix, progress, ended) {
  const percent = figure(progress.percent_done);
  const isOver = ended === progress.total;
  const all = progress.total === 1 ? "The run has" : `All ${count(progress.total, "run")} have`;
  parts.summary.textContent = isOver
    ? `${all} ended. This page asks no more; reload it to look again.`
    : `${figure(ended)} of ${count(progress.total, "run")} ended (${percent} %).`;
  parts.ending.hidden = isOver;
  bar(parts, progress.states);
  parts.dags.hidden = progress.dags.length < 2;
  if (parts.dags.hidden) return;
  const columns = ["DAG", ...ORDER, "First (UTC)", "Last (UTC)"].map((each) => element("th", { scope: "col" }, each));
  parts.columns.replaceChildren(element("tr", {}, ...columns));
  const make = (dag) =>
    element(
      "tr",
      {},
      element(
        "th",
        { scope: "row" },
        element("a", { href: link(["batches", prefix], { dag_id: dag.dag_id }) }, named(dag.dag_id)),
      ),
    );
  const tell = (row, dag) => {
    const values = [
      ...ORDER.map((state) => String(dag.states[state] ?? 0)),
      instant(dag.first_execution),
      instant(dag.last_execution),
    ];
    row.replaceChildren(row.firstChild, ...values.map((value) => element("td", {}, value)));
  };
  keep(parts.dag_rows, progress.dags, (dag) => dag.dag_id, make, tell);
}
