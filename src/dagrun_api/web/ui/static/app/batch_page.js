/* The view of a batch, which polls its progress until every run has ended. */

import { element } from "../shared/elements.js";
import { link, path } from "./addresses.js";
import { announce } from "./announce.js";
import { batchRuns } from "./batch_runs.js";
import { cancelDialog } from "./cancel_dialog.js";
import { poll, throttled } from "./polling.js";
import { asParameter } from "./prefix.js";
import { fill, headingRow, reconcile, row, setCells } from "./render.js";
import { runStrip } from "./run_strip.js";
import { runsTable } from "./runs_table.js";
import { drawStates } from "./state_bar.js";
import { endedOf, ORDER } from "./states.js";
import { count, figure, identifier, instant } from "./values.js";

export function heading({ id, query }) {
  const dagId = query.get("dag_id");
  if (!dagId) return ["Batch ", identifier(id)];
  return ["Batch ", identifier(id), " of DAG ", element("a", { href: link(["dags", dagId]) }, identifier(dagId))];
}

export async function show(outlet, { id, query, signal, report }) {
  const dag_id = query.get("dag_id");
  let update;
  for await (const progress of poll(path(["batches", asParameter(id)], { dag_id }), signal)) {
    // The page is drawn when it is known that the batch exists.
    update ??= create(outlet, { prefix: id, dag_id, signal, report });
    update(progress);
    if (endedOf(progress.states) === progress.total) {
      announce("All runs of the batch have ended.");
      return;
    }
  }
}

/** Put the parts of the page into an element; return the function that writes a new progress into them. */
function create(outlet, { prefix, dag_id, signal, report }) {
  const parts = fill(outlet, "batch-page");
  outlet.removeAttribute("aria-busy");
  parts.columns.replaceChildren(headingRow(["DAG", ...ORDER, "First (UTC)", "Last (UTC)"]));
  const read = batchRuns(prefix, signal);
  const updateStrip = runStrip(parts, read);
  const updateTable = runsTable(parts, read, report);
  const updateDialog = cancelDialog(parts, path(["batches", asParameter(prefix), "cancel"], { dag_id }), signal);
  const updateRuns = throttled(
    async (progress) => {
      await updateTable(progress.dags);
      await updateStrip(progress);
    },
    signal,
    report,
  );
  return (progress) => {
    drawSummary(parts, progress);
    drawStates(parts, progress.states);
    drawDags(parts, prefix, progress.dags);
    updateDialog(progress);
    updateRuns(progress);
  };
}

function drawSummary({ summary, ending }, { states, total, percent_done }) {
  const ended = endedOf(states);
  const isOver = ended === total;
  const all = total === 1 ? "The run has" : `All ${count(total, "run")} have`;
  summary.textContent = isOver
    ? `${all} ended. Polling has stopped; reload the page to check again.`
    : `${figure(ended)} of ${count(total, "run")} ended (${figure(percent_done)}%).`;
  ending.hidden = isOver;
}

function drawDags(parts, prefix, dags) {
  parts.dags.hidden = dags.length < 2;
  if (parts.dags.hidden) return;
  reconcile(parts.dag_rows, dags, {
    key: (dag) => dag.dag_id,
    create: ({ dag_id }) => row(element("a", { href: link(["batches", prefix], { dag_id }) }, identifier(dag_id))),
    update: (item, dag) =>
      setCells(item, [
        ...ORDER.map((state) => figure(dag.states[state] ?? 0)),
        instant(dag.first_execution),
        instant(dag.last_execution),
      ]),
  });
}
