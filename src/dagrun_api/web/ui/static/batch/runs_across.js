/* A page of the runs of a batch across its DAGs: one DAG after the other. */

/** Return a place between two runs as text, for the address; and such a text as a place. */
export const placeAsText = (place) => place && `${place.id}@${place.dagId}`;
export function placeFrom(text) {
  const [, id, dagId] = /^(\d+)@(.+)$/s.exec(text ?? "") ?? [];
  return id && { id, dagId };
}

/**
 * Return up to `size` runs of some DAGs after a place, and the place where the next page starts; that is undefined at
 * the end. `read` is that of batch_runs.js.
 */
export async function readAcross(read, dagIds, { state, order, start, size }) {
  const runs = [];
  const left = dagIds.slice(Math.max(0, dagIds.indexOf(start?.dagId)));
  while (left.length > 0) {
    const dagId = left.shift();
    const from = dagId === start?.dagId ? start.id : undefined;
    const page = await read({ dagId, state, order, start: from, size: size - runs.length });
    runs.push(...page.runs);
    if (page.next !== undefined) return { runs, next: { dagId, id: page.next } };
    if (runs.length === size && left.length > 0) return { runs, next: { dagId, id: runs.at(-1).id } };
  }
  return { runs, next: undefined };
}
