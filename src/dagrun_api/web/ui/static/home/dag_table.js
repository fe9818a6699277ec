/* The rows of DAGs, each of which is made once, and what is known of the last runs. */

import { labelCells, reconcile } from "../app/render.js";
import { dagRow, drawLastRun, marksCell } from "./dag_row.js";
import { byDate, runMarks } from "./run_marks.js";
import { runReader } from "./run_reader.js";

/**
 * Return what `draw`s some DAGs as rows, takes `noteRuns` into account, `update`s the rows when the DAGs were read again,
 * and knows the `lastRun` of a DAG.
 */
export function dagTable(rows, { signal, report }) {
  const rowOf = new Map();
  const updates = new Map();
  const lastRunOf = new Map();
  const { watch, readAgain } = runReader(signal, report);

  /** Take a run into account; return whether it is another last run. */
  const noteRun = (run) => {
    const known = lastRunOf.get(run.dag_id);
    const isKnown = run.id === known?.id && run.state === known.state;
    if (isKnown || (known !== undefined && byDate(run, known) < 0)) return false;
    lastRunOf.set(run.dag_id, run);
    const item = rowOf.get(run.dag_id);
    if (item !== undefined) drawLastRun(item, run);
    return true;
  };
  const noteRuns = (runs) => runs.forEach(noteRun);

  const create = (dag) => {
    const [item, update] = dagRow(dag, report);
    const [marks, drawMarks] = runMarks(dag.dag_id);
    updates.set(dag.dag_id, update);
    rowOf.set(dag.dag_id, item);
    drawLastRun(item, lastRunOf.get(dag.dag_id) ?? { execution_date: dag.last_execution });
    watch(marksCell(item), dag.dag_id, (runs) => {
      drawMarks(runs);
      if (runs.length > 0 && !marks.isConnected) marksCell(item).replaceChildren(marks);
      noteRuns(runs);
    });
    return item;
  };

  return {
    noteRuns,
    /** Draw the rows and their last runs; those of a DAG whose last run is another one are read. */
    update(runs) {
      for (const draw of updates.values()) draw();
      for (const run of runs) {
        const { run_id: runId, dag_id: dagId } = run;
        // The one before may have been deleted.
        if (lastRunOf.get(dagId)?.run_id !== runId) lastRunOf.delete(dagId);
        if (noteRun(run) && rowOf.has(dagId)) readAgain(marksCell(rowOf.get(dagId)));
      }
    },
    lastRun: (dag) => lastRunOf.get(dag.dag_id),
    draw(dags) {
      reconcile(rows, dags, { key: (dag) => dag.dag_id, create: (dag) => rowOf.get(dag.dag_id) ?? create(dag) });
      labelCells(rows);
    },
  };
}
