/* The prefix of a batch. A run id is <prefix>_<number>_<date>; the canonical prefix has no underscore of that joint. */

/** Return a prefix as the API joins it with a number: without one underscore at its end. */
export const canonical = (prefix) => prefix.replace(/_$/, "");

/** Return a canonical prefix as the API takes it. The API drops one underscore at the end, so one is added. */
export const asParameter = (prefix) => (prefix.endsWith("_") ? `${prefix}_` : prefix);

/**
 * Return a name that no other batch of a DAG has, so that it can be followed and cancelled by itself. Not every DAG id
 * can begin a run id: Airflow keeps the word backfill and a few others for its own runs.
 */
export function unique(dagId, now) {
  const isUsable = /^[\w.~:+-]{1,150}$/.test(dagId) && !/backfill|__|\.\./i.test(dagId);
  const [day, time] = now.toISOString().replaceAll(/[-:]/g, "").split("T");
  return `${isUsable ? dagId : "batch"}-${day}-${time.slice(0, 4)}`;
}

/** Return whether a run belongs to the batch with a canonical prefix. */
export const belongsTo = (prefix, runId) =>
  runId.startsWith(`${prefix}_`) && /^\d{7,18}_\d{4}-\d\d-\d\dT/.test(runId.slice(prefix.length + 1));

/** Return the canonical prefix of the batch of a run; undefined when it belongs to none. */
export const batchOf = (runId) => /^(.+)_\d{7,18}_\d{4}-\d\d-\d\dT/s.exec(runId)?.[1];
