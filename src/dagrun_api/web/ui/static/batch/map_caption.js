/* The sentences above the map: which runs of the batch it shows, and how. */

import { figure, instant } from "../app/values.js";
import { MOST_RUNS } from "./known_runs.js";
import { MOST_DAGS } from "./run_cells.js";

/** Return the sentences, given the progress, how many runs a cell stands for, and how many runs are known. */
export function captionOf({ total, dags, first_execution, last_execution }, each, known) {
  const cell =
    each === 1
      ? "One cell per run"
      : `Each cell stands for ${figure(each)} runs in a row and shows the worst of their states`;
  return [
    ...[instant(first_execution), " to ", instant(last_execution), ` UTC. ${cell}.`],
    ...missing(total, dags.length, known),
  ];
}

function missing(total, dags, known) {
  const most = Math.min(total, MOST_RUNS);
  const sentences = [];
  if (known < most && dags <= MOST_DAGS) sentences.push(` Reading the runs: ${figure(known)} of ${figure(most)}…`);
  if (total > MOST_RUNS) {
    sentences.push(
      ` Only ${figure(MOST_RUNS)} runs are shown here, those created first; the table below has all ${figure(total)}.`,
    );
  }
  if (dags > MOST_DAGS) {
    sentences.push(` Only the first ${figure(MOST_DAGS)} of ${figure(dags)} DAGs are shown here.`);
  }
  return sentences;
}
