/* Addresses of the API and of this page. A segment or a value may hold any character. */

/** Return a path of segments with a query; absent and empty values are left out. */
export function path(segments, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given).toString();
  return segments.map(encodeURIComponent).join("/") + (search && `?${search}`);
}

/** Return the address of a view of this page, such as #/dags/hello. */
export const link = (segments, query) => `#/${path(segments, query)}`;

/** Return the address of the view of a DAG, of a batch in one DAG or in all, and of a run. */
export const dagLink = (dagId, query) => link(["dags", dagId], query);
export const batchLink = (prefix, dagId) => link(["batches", prefix], { dag_id: dagId });
export const runLink = ({ run_id: runId, dag_id: dagId }) => link(["runs", runId], { dag_id: dagId });

/** Return the segments and the query of such an address; null when it is malformed. */
export function parse(hash) {
  const [address, search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  try {
    return { segments: address.split("/").map(decodeURIComponent), query: new URLSearchParams(search) };
  } catch {
    return null;
  }
}

/**
 * Write values into the query of the address of the current view, so that reloading and going back lead to the same; an
 * empty value removes its key. There is no new entry in the history.
 *
 * Safari throws after a hundred such writes in half a minute; the next one then brings the address up to date.
 */
export function keep(values) {
  const { segments, query } = parse(location.hash);
  const address = link(segments, { ...Object.fromEntries(query), ...values });
  if (address === location.hash) return;
  try {
    history.replaceState(null, "", address);
  } catch (failure) {
    if (failure.name !== "SecurityError") throw failure;
  }
}
