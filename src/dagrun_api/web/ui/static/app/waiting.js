/* Waiting, which ends when the page is left. */

import { get } from "./api.js";
import { pause } from "./pause.js";

const SHOWN = 2;
const HIDDEN = 20;
const REST = 3;

/** Yield the contents at a path, now and after each change; goes on until it is left. */
export async function* watch(path, signal) {
  let etag;
  for (;;) {
    const answer = await get(path, { etag, signal });
    if (answer.contents !== undefined) {
      etag = answer.etag;
      yield answer.contents;
    }
    await pause(document.hidden ? HIDDEN : SHOWN, signal, [document, "visibilitychange"], [document, "look"]);
  }
}

/**
 * Return a function to be called with each change, which then reads: never twice at once, and with a rest after each
 * time, of some seconds, or ten times as long as the reading took. Its failures go to `report`.
 */
export function unhurried(read, signal, report) {
  const NOTHING = {};
  let wanted = NOTHING;
  let isBusy = false;
  return async (change) => {
    wanted = change;
    if (isBusy) return;
    isBusy = true;
    try {
      while (wanted !== NOTHING) {
        const latest = wanted;
        wanted = NOTHING;
        const began = performance.now();
        await read(latest);
        await pause(Math.max(REST, (performance.now() - began) / 100), signal);
      }
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
    }
  };
}
