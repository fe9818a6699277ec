/* The fields of a batch with a limit of its own, which holds back no scheduled run. */

/** What Airflow's own backfills have by default. */
const USUAL_LIMIT = 10;

/** Prepare the fields for a DAG; remove them if its batches cannot have a limit. */
export function limitFields({ form, limits }, dag, { native_backfills: isNative }) {
  // A DAG without a schedule has single runs only.
  if (!isNative || dag.unlistable !== "None") {
    limits.remove();
    return;
  }
  const { max_active_runs: limit, run_backwards: newestFirst } = form.elements;
  // This fills it in, and tells later whether it was changed.
  limit.defaultValue = Math.min(Number(dag.max_active_runs) || USUAL_LIMIT, USUAL_LIMIT);
  form.addEventListener("input", () => {
    newestFirst.disabled = limit.value.trim() === "";
  });
}
