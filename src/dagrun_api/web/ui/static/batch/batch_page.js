/* The view of a batch, which polls its progress while runs have not ended. */

import { element } from "../shared/elements.js";
import { link, path } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { batchDags } from "./batch_dags.js";
import { batchRuns } from "./batch_runs.js";
import { cancelDialog } from "./cancel_dialog.js";
import { pauseButton } from "./pause_button.js";
import { poll, throttled } from "../app/polling.js";
import { asParameter } from "../app/prefix.js";
import { fill } from "../app/render.js";
import { retryDialog } from "./retry_dialog.js";
import { runStrip } from "./run_strip.js";
import { runsTable } from "./runs_table.js";
import { drawStates } from "../app/state_bar.js";
import { endedOf } from "../app/states.js";
import { count, figure, identifier } from "../app/values.js";

export function heading({ id, query }) {
  const dagId = query.get("dag_id");
  if (!dagId) return ["Batch ", identifier(id)];
  return ["Batch ", identifier(id), " of DAG ", element("a", { href: link(["dags", dagId]) }, identifier(dagId))];
}

export async function show(outlet, { id, query, signal, report }) {
  const dag_id = query.get("dag_id");
  let update;
  for await (const progress of poll(path(["batches", asParameter(id)], { dag_id }), signal, { isAtRest, isOver })) {
    // The page is drawn when it is known that the batch exists.
    update ??= create(outlet, { prefix: id, signal, report });
    update(progress);
    if (isOver(progress)) announce("All runs of the batch have ended.");
  }
}

/** Return whether every run has ended. */
const isOver = ({ states, total }) => endedOf(states) === total;

/** Return whether no run is running, and none will start. */
const isAtRest = ({ states, dags }) =>
  !states.running && dags.every((dag) => dag.is_paused === true || isOver(dag));

/** Put the parts of the page into an element; return the function that writes a new progress into them. */
function create(outlet, { prefix, signal, report }) {
  const parts = fill(outlet, "batch-page");
  outlet.removeAttribute("aria-busy");
  const [pause, updatePause] = pauseButton(prefix, report);
  parts.ending.prepend(pause);
  const read = batchRuns(prefix, signal);
  const updateStrip = runStrip(parts, read);
  const updateTable = runsTable(parts, read, report);
  const updateDags = batchDags(parts, prefix, report);
  const updateCancel = cancelDialog(parts, prefix, signal);
  const updateRetry = retryDialog(parts, prefix, signal);
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
    updateDags(progress.dags);
    // In several DAGs, each has a button of its own.
    updatePause({ ...progress, dag_id: progress.dags[0].dag_id });
    updateCancel(progress);
    updateRetry(progress);
    parts.ending.hidden = isOver(progress) && parts.retry.hidden;
    updateRuns(progress);
  };
}

function drawSummary({ summary }, progress) {
  const { states, total, percent_done, max_active_runs, is_paused } = progress;
  const limit = max_active_runs === "None" ? "" : ` At most ${figure(max_active_runs)} at once.`;
  const rest = is_paused === true ? " Paused: no further runs start." : "";
  const all = total === 1 ? "The run has" : `All ${count(total, "run")} have`;
  summary.textContent = isOver(progress)
    ? `${all} ended. Polling has stopped; reload the page to check again.`
    : `${figure(endedOf(states))} of ${count(total, "run")} ended (${figure(percent_done)}%).${limit}${rest}`;
}
