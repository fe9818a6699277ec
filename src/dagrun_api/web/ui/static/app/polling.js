/* Reading again and again, until the view is left. */

import { get } from "./api.js";
import { sleep } from "./sleep.js";

/** Seconds between two requests, and while the page is hidden or nothing moves. */
const BUSY = 2;
const QUIET = 20;
/** The shortest rest between two reads of a throttled function, in seconds. */
const REST = 3;

const alarm = new EventTarget();

/** Let whatever polls make its next request at once. */
export const pollNow = () => alarm.dispatchEvent(new Event("ring"));

/**
 * Yield the contents at a path, now and after each change. `isAtRest` tells whether contents will hardly change, and
 * `isOver` whether only this page can change them: then the next request waits for `pollNow`.
 */
export async function* poll(path, signal, { isAtRest, isOver }) {
  let etag, latest;
  for (;;) {
    const answer = await get(path, { etag, signal });
    if (answer.contents !== undefined) {
      etag = answer.etag;
      latest = answer.contents;
      yield latest;
    }
    if (isOver(latest)) await sleep(Infinity, signal, [alarm, "ring"]);
    else {
      const seconds = document.hidden || isAtRest(latest) ? QUIET : BUSY;
      await sleep(seconds, signal, [document, "visibilitychange"], [alarm, "ring"]);
    }
  }
}

/** Wait until a view of several things should read them again, or `pollNow`; while the page is hidden, until it is seen. */
export function rest(isAtRest, signal) {
  const seconds = document.hidden ? Infinity : isAtRest ? QUIET : BUSY;
  return sleep(seconds, signal, [document, "visibilitychange"], [alarm, "ring"]);
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
