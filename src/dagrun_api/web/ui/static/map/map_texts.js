/* The words of the map: its cells, and what is pointed at or selected. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { dayRange, timeIn } from "../app/days.js";
import { count, figure, identifier, instant, instantOf, stateLabel } from "../app/values.js";
import { STATES, countsOf, stateOf } from "./tick_cells.js";

const MAX_LINKS = 12;
const MAX_DATES = 4;
const LIST = new Intl.ListFormat("en-GB");
// To make a format takes longer than to use it, and there is a cell for each day of a year.
const FORMAT = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** Return the name of a state for people. */
export const wordOf = (state) => state.replace("_", " ");

/** Return the date of a cell, with the hour when it is one. */
function dateOf({ from }, { rows }) {
  const date = new Date(from);
  const day = FORMAT.format(date).replace(",", "");
  return rows === 1 ? `${day}, ${date.toISOString().slice(11, 13)}:00` : day;
}

/** Return a cell in words, with the number of runs that are planned there. */
export const cellText = (cell, span, planned = 0) =>
  `${dateOf(cell, span)}: ${inWords([cell])}${planned ? `, ${count(planned, "planned run")}` : ""}`;

/** Return how many ticks of some cells are in each state, in words. */
function inWords(cells) {
  const present = [...countsOf(cells)].filter(([, number]) => number > 0);
  if (present.length === 0) return "nothing scheduled";
  if (cells.length === 1 && cells[0].ticks.length === 1) return wordOf(present[0][0]);
  return present.map(([state, number]) => `${figure(number)} ${wordOf(state)}`).join(", ");
}

/** Return the time from one cell to another, such as 11 to 15 May 2026, or 03:00 to 05:59 of hours. */
export function rangeOf(first, last, { rows, unit }) {
  if (rows !== 1) return dayRange(first.from, last.from);
  const hour = (instant) => new Date(instant).toISOString().slice(11, 16);
  return `${hour(first.from)} to ${hour(last.from + unit - 60_000)}`;
}

/** Return some selected cells in words. */
export const rangeText = (cells, span) =>
  `${count(cells.length, span.rows === 1 ? "hour" : "day")} selected, ${datesOf(cells, span)}: ${inWords(cells)}`;

/** Return the dates of some cells: as a range, or if others lie between them, one by one as far as there is room. */
function datesOf(cells, span) {
  const [first, last] = [cells[0], cells.at(-1)];
  if (cells.length === 1) return dateOf(first, span);
  if (last.from - first.from === (cells.length - 1) * span.unit) return `${dateOf(first, span)} to ${dateOf(last, span)}`;
  if (cells.length <= MAX_DATES) return LIST.format(cells.map((cell) => dateOf(cell, span)));
  return `between ${dateOf(first, span)} and ${dateOf(last, span)}`;
}

/** Return what is known of a cell: its only tick, or its counts, with links to runs. The time is also told in `zones`. */
export function cellDetail(cell, span, zones) {
  const date = element("b", {}, dateOf(cell, span));
  if (cell.ticks.length !== 1) return [element("span", {}, date, `: ${inWords([cell])}`), ...links([cell])];
  const [tick] = cell.ticks;
  const label = stateLabel(stateOf(tick), wordOf(stateOf(tick)));
  const due = stateOf(tick) === "not_due" ? [element("span", {}, "due ", instant(tick.run_after))] : [];
  const { data_interval_start: start, data_interval_end: end } = tick;
  // Since Airflow 3 a schedule may stand for moments alone.
  const data = start === end ? [] : [element("span", { class: "hint" }, "data from ", instant(start), " to ", instant(end))];
  return [
    date,
    element(
      "span",
      {},
      instant(tick.execution_date),
      " UTC",
      ...zones.map((zone) => ` (${timeIn(zone, instantOf(tick.execution_date))} in ${zone})`),
    ),
    label,
    ...links([cell]),
    ...due,
    ...data,
  ];
}

/** Return some selected cells with links to their runs, the failed ones first. */
export const rangeDetail = (cells, span) => [element("b", {}, rangeText(cells, span)), ...links(cells)];

function links(cells) {
  const ticks = cells.flatMap((cell) => cell.ticks).filter((tick) => tick.dag_run !== "None");
  const rank = (tick) => STATES.indexOf(stateOf(tick));
  const shown = ticks.sort((one, other) => rank(one) - rank(other)).slice(0, MAX_LINKS);
  const more = ticks.length > shown.length ? [`and ${count(ticks.length - shown.length, "more run")}`] : [];
  return [...shown.map(({ dag_run: run }) => element("a", { href: runLink(run) }, identifier(run.run_id))), ...more];
}
