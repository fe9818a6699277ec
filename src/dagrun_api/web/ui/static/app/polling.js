/* Reading again and again, until the view is left. */

import { Failure, get } from "./api.js";
import { sleep } from "./sleep.js";

/** Seconds between two requests: while runs move; while the page is hidden or nothing moves; and long after the end. */
const BUSY = 2;
const QUIET = 20;
const SLOW = 60;
/** How many looks after the end still come after `QUIET` seconds: what has just ended is often retried. */
const SOON = 3;
/** The shortest and the longest rest between two reads of a throttled function, in seconds. */
const REST = 1;
const LONGEST_REST = 15;

const alarm = new EventTarget();

/** Let whatever polls make its next request at once. */
export const pollNow = () => alarm.dispatchEvent(new Event("ring"));

/**
 * Yield the contents at a path, now and after each change. `isAtRest` tells whether contents will hardly change, and
 * `isOver` whether only what somebody does can change them. Then the looks are rare, and a hidden page has none.
 */
export async function* poll(path, signal, { isAtRest, isOver }) {
  let etag, latest;
  let looks = 0;
  for (;;) {
    const answer = await get(path, { etag, signal });
    looks += 1;
    if (answer.contents !== undefined) {
      etag = answer.etag;
      latest = answer.contents;
      looks = 0;
      yield latest;
    }
    if (isOver(latest)) {
      await wait(looks < SOON ? QUIET : SLOW, signal);
      while (document.hidden) await wait(Infinity, signal);
    } else await wait(document.hidden || isAtRest(latest) ? QUIET : BUSY, signal);
  }
}

/** Wait until a view should read again what it shows, or `pollNow`; while the page is hidden, until it is seen. */
export function rest(isAtRest, signal) {
  return wait(document.hidden ? Infinity : isAtRest ? QUIET : BUSY, signal);
}

/**
 * Return a function that calls `read`, and returns whether that succeeded. A failure goes to `report`, which after the next
 * success gets null.
 */
function attempts(read, report) {
  let hasFailed = false;
  return async (value) => {
    try {
      await read(value);
      if (hasFailed) report(null);
      hasFailed = false;
    } catch (failure) {
      // Without a token, the visitor would be asked for one again and again.
      if (!(failure instanceof Failure) || failure.status === 401) throw failure;
      hasFailed = true;
      report(failure);
    }
    return !hasFailed;
  };
}

/** Call `read` once a minute while the page is seen, and when it is seen again later. Failures go to `report`. */
export async function eachMinute(read, signal, report) {
  const attempt = attempts(read, report);
  for (;;) {
    await sleep(SLOW, signal);
    while (document.hidden) await sleep(Infinity, signal, [document, "visibilitychange"]);
    await attempt();
  }
}

/** Wait some seconds; less when the page is hidden or seen meanwhile, or on `pollNow`. */
const wait = (seconds, signal) => sleep(seconds, signal, [document, "visibilitychange"], [alarm, "ring"]);

/**
 * Return a function that calls `read` with the latest value that it was given. Two reads never overlap. After each one
 * there is a rest, ten times as long as the read took, but at least `REST`, and at most `LONGEST_REST`: the machine may
 * have slept during the read. Failures go to `report`; after one the same value is read again, until that succeeds and
 * `report` gets null.
 */
export function throttled(read, signal, report) {
  const NOTHING = {};
  let wanted = NOTHING;
  let isBusy = false;
  const attempt = attempts(read, report);
  return async (value) => {
    wanted = value;
    if (isBusy) return;
    isBusy = true;
    try {
      while (wanted !== NOTHING) {
        const latest = wanted;
        wanted = NOTHING;
        const start = performance.now();
        const isRead = await attempt(latest);
        if (!isRead && wanted === NOTHING) wanted = latest;
        const seconds = isRead ? (10 * (performance.now() - start)) / 1000 : LONGEST_REST;
        await sleep(Math.min(Math.max(REST, seconds), LONGEST_REST), signal);
      }
    } catch (failure) {
      report(failure);
    } finally {
      isBusy = false;
    }
  };
}
