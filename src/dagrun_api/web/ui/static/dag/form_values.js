/* What the form says: its values, the instants that they mean, and the request that they make. No DOM. */

/** The most runs that one request creates; a range with more is created in portions of this size. */
export const PORTION = 500;

/** The first and the last instant of a day, or with a time, of that second or minute, as the API takes them. */
const startOf = (day, time) => (time ? `${day}T${time}` : day);
const endOf = (day, time) => (time ? `${day}T${time}${time.length === 5 ? ":59" : ""}.999999` : day);

/** Return the values of the form. `dates` are the chosen ones. */
export function valuesOf({ elements }, dates) {
  const { kind, from, to, exact, from_time, to_time, name, conf, limit, order } = elements;
  const isExact = exact.checked || kind.value === "moment";
  return {
    kind: kind.value,
    from: from.value,
    fromTime: isExact ? from_time.value : "",
    to: to.value,
    toTime: isExact ? to_time.value : "",
    isExact,
    dates,
    name: name.value.trim(),
    conf: conf.value.trim(),
    // A DAG may have no batches with a limit.
    limit: limit?.value.trim() ?? "",
    isNewestFirst: order?.value === "newest",
  };
}

/** Return the window as two instants in milliseconds; they are not numbers while a field is empty. */
export function windowOf({ from, fromTime, to, toTime }) {
  const first = Date.parse(`${from}T${fromTime || "00:00"}Z`);
  const last = toTime ? Date.parse(`${endOf(to, toTime).slice(0, 23)}Z`) : Date.parse(`${to}T23:59:59.999Z`);
  return [first, last];
}

/**
 * Return the request that the values make. All are sent as text, so that a number in conf keeps its digits. `firstDate`
 * is the first date of the DAG: a range that begins with the day of it begins with that date.
 */
export function requestOf(values, dagId, firstDate) {
  const { kind, name, conf, limit, isNewestFirst } = values;
  const common = { dag_id: dagId, prefix: name, ...(conf && { conf }) };
  if (kind === "now") return common;
  if (kind === "moment") {
    const moment = startOf(values.from, values.fromTime || "00:00");
    return { ...common, start_date: moment, end_date: moment };
  }
  const limits = limit && { max_active_runs: limit, ...(isNewestFirst && { run_backwards: "true" }) };
  if (kind === "chosen") {
    return { ...common, ...limits, runs: values.dates.map((date) => ({ execution_date: date.replace(" ", "T") })) };
  }
  const [day, time] = firstDate.split(" ");
  const start = values.from === day && !values.fromTime ? `${day}T${time}` : startOf(values.from, values.fromTime);
  return { ...common, ...limits, start_date: start, end_date: endOf(values.to, values.toTime), partial: "true" };
}
