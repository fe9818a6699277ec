/* The prefix of a batch. A run id is <prefix>_<number>_<date>; the canonical prefix has no underscore of that joint. */

/** Return a prefix as the API joins it with a number: without one underscore at its end. */
export const canonical = (prefix) => prefix.replace(/_$/, "");

/** Return a canonical prefix as the API takes it. The API drops one underscore at the end, so one is added. */
export const asParameter = (prefix) => (prefix.endsWith("_") ? `${prefix}_` : prefix);

/** Return whether a run belongs to the batch with a canonical prefix. */
export const belongsTo = (prefix, runId) =>
  runId.startsWith(`${prefix}_`) && /^\d{7,18}_\d{4}-\d\d-\d\dT/.test(runId.slice(prefix.length + 1));

/** Return the canonical prefix of the batch of a run; undefined when it belongs to none. */
export const batchOf = (runId) => /^(.+)_\d{7,18}_\d{4}-\d\d-\d\dT/s.exec(runId)?.[1];
