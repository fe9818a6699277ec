/* The cells of the map: which ticks are in them, and where they stand. No DOM. */

import { DAY, dayText } from "../app/days.js";
import { instantOf } from "../app/values.js";

/** The states of a tick, the worst first. A cell has the worst of its ticks. */
export const STATES = ["failed", "missing", "running", "queued", "success", "not_due"];

/** Return the empty cells of a period. */
export function cellsOf({ span, start, end }) {
  const cells = [];
  for (let from = start; from < end; from += span.unit) cells.push({ from, ticks: [], counts: new Map() });
  return cells;
}

/** Put ticks into the cells of a period; return the cells that changed. */
export function addTicks(cells, { span, start }, ticks) {
  const changed = new Set();
  for (const tick of ticks) {
    const cell = cells[Math.floor((instantOf(tick.execution_date) - start) / span.unit)];
    if (cell === undefined) continue;
    const state = stateOf(tick);
    cell.ticks.push(tick);
    cell.counts.set(state, (cell.counts.get(state) ?? 0) + 1);
    changed.add(cell);
  }
  return changed;
}

/** Return the state of a tick: that of its run, or missing, or not due. */
export const stateOf = ({ dag_run: run, is_due: isDue }) => (run !== "None" ? run.state : isDue ? "missing" : "not_due");

/** Return the worst state of a cell; undefined without ticks. */
export const worstOf = ({ counts }) => STATES.find((state) => counts.has(state)) ?? counts.keys().next().value;

/** Return how many ticks of some cells are in each state, in the order of the states. */
export function countsOf(cells) {
  const counts = new Map(STATES.map((state) => [state, 0]));
  for (const cell of cells) {
    for (const [state, number] of cell.counts) counts.set(state, (counts.get(state) ?? 0) + number);
  }
  return counts;
}

/** Return how many places are empty before the first cell: a column of days begins on Monday. */
export const placesBefore = ({ span, start }) => (span.rows === 7 ? (new Date(start).getUTCDay() + 6) % 7 : 0);

/** Return the place of the cell to which a key leads; undefined for another key. */
export function placeAfter(key, place, number, rows) {
  const step = { ArrowRight: rows, ArrowLeft: -rows, ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[key];
  if (step === undefined || (rows === 1 && /Up|Down/.test(key))) return undefined;
  return Math.max(0, Math.min(place + step, number - 1));
}

/** Return the months or the years (`unit`) of a period, each with the number of columns that begin in it. */
export function headingsOf({ start, end }, unit) {
  const headings = [];
  const format = new Intl.DateTimeFormat("en-GB", { [unit]: unit === "year" ? "numeric" : "short", timeZone: "UTC" });
  const first = start - placesBefore({ span: { rows: 7 }, start }) * DAY;
  for (let week = first; week < end; week += 7 * DAY) {
    const name = format.format(Math.max(week, start));
    if (headings.at(-1)?.name === name) headings.at(-1).columns += 1;
    else headings.push({ name, columns: 1 });
  }
  return headings;
}

/** Return the places of the cells that a window from one instant to another reaches into. */
export function placesWithin(cells, { unit }, [from, to]) {
  return cells.flatMap((cell, place) => (cell.from + unit > from && cell.from <= to ? [place] : []));
}

/** Return how many of some instants lie in each cell: its place -> their number. */
export function placesOf(cells, { unit }, instants) {
  const places = new Map();
  for (const instant of instants) {
    const place = Math.floor((instant - cells[0].from) / unit);
    if (place >= 0 && place < cells.length) places.set(place, (places.get(place) ?? 0) + 1);
  }
  return places;
}

/** Return whether some places are those of a range, in which nothing else is scheduled. */
export function isRange(cells, places) {
  const set = new Set(places);
  return cells.slice(places[0], places.at(-1)).every((cell, more) => set.has(places[0] + more) || cell.counts.size === 0);
}

/**
 * Return the gaps, the newest first: the places of cells in a row that have missing dates, and the number of these dates.
 * Cells without any date do not end a gap.
 */
export function gapsOf(cells) {
  const gaps = [];
  let isOpen = false;
  cells.forEach(({ counts }, place) => {
    if (counts.size === 0) return;
    const number = counts.get("missing") ?? 0;
    if (number > 0 && !isOpen) gaps.unshift({ places: [], number: 0 });
    isOpen = number > 0;
    if (!isOpen) return;
    const { places } = gaps[0];
    for (let next = (places.at(-1) ?? place - 1) + 1; next <= place; next++) places.push(next);
    gaps[0].number += number;
  });
  return gaps;
}

/** Return the execution dates of the ticks of some cells that have no run. */
export const missingOf = (cells) =>
  cells.flatMap((cell) => cell.ticks.filter((tick) => stateOf(tick) === "missing").map((tick) => tick.execution_date));

/**
 * Return the first and the last of some cells as the form writes them: as days, or as days with a time, the last of which
 * stands for its whole minute.
 */
export function asRange(first, last, { unit }) {
  if (unit === DAY) return [dayText(first.from), dayText(last.from)];
  const minute = (instant) => new Date(instant).toISOString().slice(0, 16);
  return [minute(first.from), minute(last.from + unit - 1000)];
}
