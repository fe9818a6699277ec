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

/** Return the prefix of the batch that a run belongs to; undefined for a run of none. */
export const batchOf = (runId) => /^(.+)_\d{7,}_[^_]+$/s.exec(runId)?.[1];
