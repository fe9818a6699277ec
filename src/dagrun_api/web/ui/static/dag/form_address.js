/* The form in the address and in this tab, so that it survives going back and reloading. */

import { keep } from "../app/addresses.js";

/** Conf may hold what nobody else should see, so it is kept in this tab, and not in the address. */
const keyOf = (dagId) => `dagrun-api conf of ${dagId} at ${new URL("./", location.href).pathname}`;

const split = (text) => [text.slice(0, 10), text.slice(11)];
const join = (day, time) => (day && time ? `${day}T${time}` : day);

/** Fill a form from the query of the address and from this tab; return the chosen dates. */
export function restore({ elements }, query, dagId) {
  const given = (key) => query.get(key) ?? "";
  const { kind, exact, conf, name, limit, order } = elements;
  const isOffered = [...kind].some((each) => each.value === given("kind") && !each.disabled);
  if (isOffered) kind.value = given("kind");
  for (const end of ["from", "to"]) {
    [elements[end].value, elements[`${end}_time`].value] = split(given(end));
    if (given(end).includes("T")) exact.checked = true;
  }
  if (given("name")) name.value = given("name");
  if (limit !== undefined && query.has("limit")) limit.value = given("limit").replace("none", "");
  if (order !== undefined) order.value = given("order") === "newest" ? "newest" : "";
  conf.value = sessionStorage.getItem(keyOf(dagId)) ?? "";
  return given("dates")
    .split(",")
    .filter((date) => /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(date))
    .map((date) => date.replace("T", " "));
}

/** Keep the values of a form, without those that it has anyway. */
export function remember(values, { elements }, dagId) {
  const { kind, name, limit } = elements;
  const { from, fromTime, to, toTime, dates, isNewestFirst } = values;
  keep({
    kind: kind.value === usualKind(kind) ? "" : kind.value,
    from: join(from, fromTime),
    to: join(to, toTime),
    dates: dates.map((date) => date.replace(" ", "T")).join(","),
    name: name.value === name.defaultValue ? "" : name.value,
    limit: limit === undefined || limit.value === limit.defaultValue ? "" : limit.value || "none",
    order: isNewestFirst ? "newest" : "",
  });
  keepConf(keyOf(dagId), values.conf);
}

function keepConf(key, conf) {
  // Without the old one first, since there may be no room for the new one.
  sessionStorage.removeItem(key);
  try {
    if (conf) sessionStorage.setItem(key, conf);
  } catch {
    // It is longer than the browser keeps, and than the service takes.
  }
}

/** Return the kind with which the form begins. */
const usualKind = (kind) => [...kind].find((each) => !each.disabled).value;
