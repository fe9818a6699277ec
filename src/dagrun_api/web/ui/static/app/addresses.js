/* Addresses: each segment and each value may hold any character. */

/** Return a path of segments with a query; what is absent or empty is left out of the query. */
export function path(segments, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given).toString();
  return segments.map((each) => encodeURIComponent(each)).join("/") + (search && `?${search}`);
}

/** Return the address of one of our own pages, such as #/dags/hello. */
export const link = (segments, query) => `#/${path(segments, query)}`;

/** Return the segments and the query of such an address; null for one that is not sound. */
export function parse(hash) {
  const [where, search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  try {
    return { segments: where.split("/").map(decodeURIComponent), query: new URLSearchParams(search) };
  } catch {
    return null;
  }
}

/** Return a prefix as the API joins it with a number: without one underscore at its end. */
export const joined = (prefix) => prefix.replace(/_$/, "");

/** Return a joined prefix as the API takes it, which drops one underscore at its end. */
export const asked = (prefix) => (prefix.endsWith("_") ? `${prefix}_` : prefix);

/** Whether a run belongs to the batch with a joined prefix, as the API sees it: <prefix>_<number>_<date>. */
export const isOf = (prefix, runId) =>
  runId.startsWith(`${prefix}_`) && /^\d{7,18}_\d{4}-\d\d-\d\dT/.test(runId.slice(prefix.length + 1));

/** Return the joined prefix of a batch that a run belongs to; undefined for a run of none. */
export const batchOf = (runId) => /^(.+)_\d{7,18}_\d{4}-\d\d-\d\dT/s.exec(runId)?.[1];
