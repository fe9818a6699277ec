/* The states of a run. */

const ENDED = ["success", "failed"];

/** The states in the order of a bar or a table, the ended ones first. Airflow may have others. */
export const ORDER = [...ENDED, "running", "queued"];

/** Return how many runs have ended, given the number in each state. */
export const endedOf = (states) => ENDED.reduce((sum, state) => sum + (states[state] ?? 0), 0);
