/* Reading again and again, until the view is left. */

import { get } from "./api.js";
import { sleep } from "./sleep.js";

/** Seconds between two requests while the page is visible, and while it is hidden. */
const VISIBLE = 2;
const HIDDEN = 20;
/** The shortest rest between two reads of a throttled function, in seconds. */
const REST = 3;

const alarm = new EventTarget();

/** Let whatever polls make its next request at once. */
export const pollNow = () => alarm.dispatchEvent(new Event("ring"));

/** Yield the contents at a path, now and after each change. */
export async function* poll(path, signal) {
  let etag;
  for (;;) {
    const answer = await get(path, { etag, signal });
    if (answer.contents !== undefined) {
      etag = answer.etag;
      yield answer.contents;
    }
    await sleep(document.hidden ? HIDDEN : VISIBLE, signal, [document, "visibilitychange"], [alarm, "ring"]);
  }
}

/**
 * Return a function that calls `read` with the latest value that it was given. Two reads never overlap. After each one
 * there is a rest, ten times as long as the read took, but at least `REST`. Failures go to `report`.
 */
export function throttled(read, signal, report) {
  const NOTHING = {};
  let wanted = NOTHING;
  let isBusy = false;
  return async (value) => {
    wanted = value;
    if (isBusy) return;
    isBusy = true;
    try {
      while (wanted !== NOTHING) {
        const latest = wanted;
        wanted = NOTHING;
        const start = performance.now();
        await read(latest);
        const seconds = (performance.now() - start) / 1000;
        await sleep(Math.max(REST, 10 * seconds), signal);
      }
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
    }
  };
}
