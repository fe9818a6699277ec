/* Reading the last runs of those DAGs whose rows are seen. */

import { path } from "../app/addresses.js";
import { get } from "../app/api.js";

/** How many runs are read of a DAG, as the heading of the column says. */
const NUMBER = 14;
const MAX_REQUESTS = 4;
/** How long runs are not read again, in milliseconds. */
const FRESH = 30_000;

/**
 * Return the function `watch`, which watches an element of a DAG. When the element is seen, the last runs of the DAG are
 * read and given to `draw`; they are read again when it is seen later, or after `readAgain` at once. No more than
 * `MAX_REQUESTS` are read at the same time. A DAG that the token does not allow is left out; other failures go to
 * `report`.
 */
export function runReader(signal, report) {
  const drawingOf = new WeakMap();
  const readAt = new WeakMap();
  const waiting = new Set();
  let requests = 0;

  const read = async (target) => {
    const { dagId, draw } = drawingOf.get(target);
    readAt.set(target, Date.now());
    try {
      const query = { dag_id: dagId, order: "desc", limit: NUMBER };
      draw((await get(path(["dag_runs"], query), { signal })).contents.dag_runs);
    } catch (failure) {
      if (failure.status !== 403) throw failure;
    }
  };
  const readNext = () => {
    for (const target of waiting) {
      if (requests === MAX_REQUESTS) return;
      waiting.delete(target);
      requests += 1;
      read(target)
        .catch(report)
        .finally(() => {
          requests -= 1;
          readNext();
        });
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) waiting.delete(target);
        else if (!(Date.now() - readAt.get(target) < FRESH)) waiting.add(target);
      }
      readNext();
    },
    { rootMargin: "200px" },
  );
  signal.addEventListener("abort", () => {
    observer.disconnect();
    waiting.clear();
  });

  return {
    watch(target, dagId, draw) {
      drawingOf.set(target, { dagId, draw });
      observer.observe(target);
    },
    readAgain(target) {
      readAt.delete(target);
      // The observer tells of a new target at once.
      observer.unobserve(target);
      observer.observe(target);
    },
  };
}
