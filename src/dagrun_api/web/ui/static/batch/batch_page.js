/* The view of a batch, which polls its progress while runs have not ended. */

import { element } from "../shared/elements.js";
import { dagLink, path } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { hide } from "../app/focus.js";
import { poll, throttled } from "../app/polling.js";
import { asParameter } from "../app/prefix.js";
import { fill } from "../app/render.js";
import { drawStates } from "../app/state_bar.js";
import { hasEnded } from "../app/states.js";
import { identifier } from "../app/values.js";
import { batchHead } from "./batch_head.js";
import { batchRuns } from "./batch_runs.js";
import { cancelDialog } from "./cancel_dialog.js";
import { failedRuns } from "./failed_runs.js";
import { pauseButton } from "./pause_button.js";
import { retryDialog } from "./retry_dialog.js";
import { runMap } from "./run_map.js";
import { runsTable } from "./runs_table.js";

export function heading({ id, query }) {
  const dagId = query.get("dag_id");
  if (!dagId) return ["Batch ", identifier(id)];
  return ["Batch ", identifier(id), " of DAG ", element("a", { href: dagLink(dagId) }, identifier(dagId))];
}

export async function show(outlet, { id, query, signal, report }) {
  const address = path(["batches", asParameter(id)], { dag_id: query.get("dag_id") });
  let update;
  let wasOver = false;
  for await (const progress of poll(address, signal, { isAtRest, isOver: hasEnded })) {
    // The page is drawn when it is known that the batch exists.
    update ??= create(outlet, { prefix: id, query, signal, report });
    update(progress);
    const isOver = hasEnded(progress);
    if (isOver && !wasOver) announce("All runs of the batch have ended.");
    wasOver = isOver;
  }
}

/** Return whether no run is running, and none will start. */
const isAtRest = ({ states, dags }) =>
  !states.running && dags.every((dag) => dag.is_paused === true || hasEnded(dag));

/** Put the parts of the page into an element; return the function that writes a new progress into them. */
function create(outlet, { prefix, query, signal, report }) {
  const parts = fill(outlet, "batch-page");
  outlet.removeAttribute("aria-busy");
  const [pause, updatePause] = pauseButton(prefix, parts.summary, report);
  parts.ending.prepend(pause);
  const read = batchRuns(prefix, signal);
  const updateHead = batchHead(parts, signal);
  const updateCancel = cancelDialog(parts, prefix, signal);
  const updateRetry = retryDialog(parts, prefix, signal);
  const updateMap = runMap(parts, prefix, read, signal, report);
  const table = runsTable(parts, query, read, report);
  const updateFailed = failedRuns(parts, read, table.showFailed);
  const updateRuns = throttled(
    async (progress) => {
      await updateFailed(progress);
      await table.update(progress);
    },
    signal,
    report,
  );
  return (progress) => {
    updateHead(progress);
    drawStates(parts, progress.states);
    // In several DAGs, each has a button of its own.
    updatePause({ ...progress, dag_id: progress.dags[0].dag_id });
    updateCancel(progress);
    updateRetry(progress);
    hide(parts.ending, hasEnded(progress) && parts.retry.hidden, parts.summary);
    updateMap(progress);
    updateRuns(progress);
  };
}
