/* The newest batches of all DAGs, those that have not ended first; they are read again while the page is seen. */

import { rest } from "../app/polling.js";
import { hasEnded } from "../app/states.js";
import { readBatches } from "./batch_pages.js";
import { batchTable } from "./batch_table.js";

const SHOWN = 6;
/** How many of the newest batches are searched for those that have not ended. */
const READ = 20;

/** Return the newest batches; undefined for a token that is limited to some DAGs, which may not list them. */
export async function newestBatches(signal) {
  try {
    return (await readBatches({ size: READ }, signal)).batches;
  } catch (failure) {
    if (failure.status === 403) return undefined;
    throw failure;
  }
}

/** Draw the batches, and read them again until the signal is aborted. */
export async function latestBatches({ latest, latest_table: outlet, dags_heading: heading }, batches, signal) {
  const draw = batchTable(outlet, "Latest batches: first those that have not ended, then those with the newest runs");
  for (let known = batches; known !== undefined; known = await newestBatches(signal)) {
    const isEmpty = known.length === 0;
    latest.hidden = isEmpty;
    heading.hidden = isEmpty;
    draw(known.toSorted((one, other) => hasEnded(one) - hasEnded(other)).slice(0, SHOWN));
    await rest(known.every(hasEnded), signal);
  }
}
