/* The periods that a map shows: a year, a month, a day, or any days, in UTC. Instants are milliseconds. */

import { DAY, dayRange, dayText } from "../app/days.js";

const HOUR = DAY / 24;

/** The most days that a map shows. */
export const MOST_DAYS = 366;

/** From the longest to the shortest. `unit` is the length of a cell. */
export const SPANS = [
  { name: "year", unit: DAY, rows: 7, latest: "Last 12 months", length: 365 * DAY },
  { name: "month", unit: DAY, rows: 7, latest: "Last 31 days", length: 31 * DAY },
  { name: "day", unit: HOUR, rows: 1, latest: "Today", length: DAY },
];

/** Return the period of a span that ends with the day of an instant. */
export function latest(span, now) {
  const end = Math.floor(now / DAY) * DAY + DAY;
  return { span, start: end - span.length, end, title: span.latest, isLatest: true };
}

/** Return the year, month or day that is some steps away from that of an instant. */
export function calendar(span, instant, steps) {
  const date = new Date(instant);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const at = {
    year: (more) => Date.UTC(year + more, 0, 1),
    month: (more) => Date.UTC(year, month + more, 1),
    day: (more) => Date.UTC(year, month, day + more),
  }[span.name];
  const start = at(steps);
  return { span, start, end: at(steps + 1), title: title(span, start), isLatest: false };
}

/** Return the period from the day of one instant to that of another: the year, month or day that it is, if it is one. */
export function ofDays(first, last) {
  const end = last + DAY;
  const same = SPANS.map((span) => calendar(span, first, 0)).find((each) => each.start === first && each.end === end);
  const span = { name: "days", unit: DAY, rows: 7, latest: "Latest dates", length: end - first };
  return same ?? { span, start: first, end, title: dayRange(first, last), isLatest: false };
}

/** Return the period before (`steps` -1) or after (1) another. After the latest comes the rest of its calendar period. */
export function beside(period, steps) {
  const { span, start, end, isLatest } = period;
  if (span.name === "days") return ofDays(start + steps * span.length, end - DAY + steps * span.length);
  if (!isLatest) return calendar(span, start, steps);
  return calendar(span, end - 1, span.name === "day" || steps < 0 ? steps : 0);
}

/** Return a period as the address keeps it. The latest one changes from day to day, so it is not kept. */
export const asText = ({ start, end, isLatest }) => (isLatest ? "" : [start, end - DAY].map(dayText).join("/"));

/** Return the period that the address keeps; undefined if it keeps none. */
export function fromText(text) {
  const [first, last] = (text ?? "").split("/").map((each) => (/^\d{4}-\d\d-\d\d$/.test(each) ? Date.parse(each) : NaN));
  return last >= first && last - first < MOST_DAYS * DAY ? ofDays(first, last) : undefined;
}

function title({ name }, start) {
  const options = { timeZone: "UTC", year: "numeric" };
  if (name !== "year") options.month = "short";
  if (name === "day") options.day = "numeric";
  return new Date(start).toLocaleDateString("en-GB", options);
}
