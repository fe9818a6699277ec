/* The states of a run. */

/** The states of a run that has ended. */
export const ENDED = ["success", "failed"];

/** The states in the order of a bar or a table, the ended ones first. Airflow may have others. */
export const ORDER = [...ENDED, "running", "queued"];

/** Return how many of some runs are in each state. */
export function countStates(runs) {
  const counts = {};
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Return how many runs have ended, given the number in each state. */
export const endedOf = (states) => ENDED.reduce((sum, state) => sum + (states[state] ?? 0), 0);

/** Return whether all runs of a batch have ended, in one of its DAGs or in all. */
export const hasEnded = ({ states, total }) => endedOf(states) === total;
