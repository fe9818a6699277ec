/* The newest batches of all DAGs, those that have not ended first; they are read again while the page is seen. */

import { rest } from "../app/polling.js";
import { hasEnded } from "../app/states.js";
import { readBatches } from "./batch_pages.js";
import { batchTable } from "./batch_table.js";

const SHOWN = 6;
/** How many of the newest batches are searched for those that have not ended. */
const READ = 20;

/** Draw the batches until the signal is aborted. A token that is limited to some DAGs may not list them. */
export async function latestBatches({ latest, latest_table: outlet, dags_heading: heading }, signal) {
  const draw = batchTable(outlet, "Latest batches: first those that have not ended, then those with the newest runs");
  for (;;) {
    let batches;
    try {
      ({ batches } = await readBatches({ size: READ }, signal));
    } catch (failure) {
      if (failure.status === 403) return;
      throw failure;
    }
    const isEmpty = batches.length === 0;
    latest.hidden = isEmpty;
    heading.hidden = isEmpty;
    const shown = batches.toSorted((one, other) => hasEnded(one) - hasEnded(other)).slice(0, SHOWN);
    draw(shown);
    await rest(batches.every(hasEnded), signal);
  }
}
