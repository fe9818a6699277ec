/* The map of a schedule: each date of a period, and the state of its run. */

import { element } from "../shared/elements.js";
import { keep, runLink } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { Failure } from "../app/api.js";
import { otherZones } from "../app/days.js";
import { redraw } from "../app/focus.js";
import { fill } from "../app/render.js";
import { drawCells, update } from "./map_drawing.js";
import { drawGaps } from "./map_gaps.js";
import { drawNumbers } from "./map_numbers.js";
import { mapPeriod } from "./map_period.js";
import { mapSelection } from "./map_selection.js";
import { cellDetail, cellText, rangeDetail, rangeText } from "./map_texts.js";
import { asText, calendar, fromText, latest } from "./periods.js";
import { addTicks, asRange, cellsOf, countsOf, isRange, missingOf, placesOf, placesWithin } from "./tick_cells.js";
import { firstPeriod, ticksOf } from "./tick_reader.js";

/** The map of a DAG without ticks. */
const NONE = { read: async () => {}, follow: async () => {}, mark() {}, plan() {}, choose() {}, missing: () => undefined };

/**
 * Show the map of a DAG. `choosesSingle` tells whether its cells are chosen one by one. `range` gets the selected dates
 * as the form writes them, `several` the missing dates of cells that are no range, and `single` those of one more cell, with
 * those of the cells selected before. `counted` gets the title of the period and the number of dates in each state.
 */
export function scheduleMap(outlet, dag, { query, signal, report, choosesSingle, range, several, single, counted }) {
  if (dag.unlistable !== "None") {
    outlet.append(element("h2", { id: "schedule-heading" }, "Schedule"), element("p", { class: "hint" }, dag.unlistable));
    return NONE;
  }
  const parts = fill(outlet.appendChild(element("div")), "schedule-map");
  const zones = otherZones([dag.timezone]);
  let period = fromText(query.get("shown"));
  let span;
  let cells = [];
  let drawn = [];
  // What the form has: a window as two instants, or single instants; and the instants that would get a run.
  let wanted = { instants: [] };
  let planned = [];
  // Aborts the latest reading, whose ticks are not wanted in another period.
  let reading = new AbortController();

  // The places of the cells that the line below tells about.
  let told = [];

  const cellsAt = (places) => places.map((place) => cells[place]);
  const tell = (places) => {
    told = places;
    const [first] = cellsAt(places);
    if (places.length > 1) parts.detail.replaceChildren(...rangeDetail(cellsAt(places), period.span));
    else parts.detail.replaceChildren(...(first ? cellDetail(first, period.span, zones) : []));
  };
  const selection = mapSelection(
    parts.table,
    {
      isSingle: choosesSingle,
      pointed: (place) => tell([place]),
      left: () => {
        if (selection.chosen().length > 0) tell(selection.chosen());
      },
      selected: (places) => {
        const chosen = cellsAt(places);
        tell(places);
        announce(rangeText(chosen, period.span));
        if (isRange(cells, places)) range(...asRange(chosen[0], chosen.at(-1), period.span));
        else if (chosen.every((cell) => cell.counts.has("missing"))) several(missingOf(chosen));
      },
      toggled: (place) => {
        const dates = missingOf([cells[place]]);
        if (dates.length === 0) announce("No run is missing there.");
        else single(dates, missingOf(cellsAt(selection.chosen())));
      },
      opened: (place) => {
        const run = cells[place].ticks.find((tick) => tick.dag_run !== "None")?.dag_run;
        if (run !== undefined) location.hash = runLink(run);
      },
    },
    signal,
  );
  const go = (next) => {
    period = next;
    read();
  };
  const showPeriod = mapPeriod(parts, dag, go);

  const choose = (state) => {
    const places = cells.flatMap((cell, place) => (cell.counts.has(state) ? [place] : []));
    if (places.length > 0) selection.choose(places);
  };
  const showWanted = () => {
    if (cells.length === 0) return;
    const { window, instants } = wanted;
    selection.show(
      window ? placesWithin(cells, period.span, window) : [...placesOf(cells, period.span, instants).keys()],
    );
  };
  const showNumbers = (plannedHere) => {
    const counts = countsOf(cells);
    drawNumbers(parts.numbers, counts, plannedHere, choose);
    drawGaps(parts, cells, period.span, selection.choose);
    counted(period.title, counts);
  };
  const showPlan = () => {
    const places = placesOf(cells, period.span, planned);
    const changed = drawn.flatMap((drawing, place) => (places.has(place) || "planned" in drawing.dataset ? [place] : []));
    for (const place of changed) update(drawn[place], cells[place], period.span, places.get(place));
    showNumbers([...places.values()].reduce((sum, number) => sum + number, 0));
    return [...places.keys()];
  };
  const today = () => {
    const place = Math.floor((Date.now() - period.start) / period.span.unit);
    return Math.max(0, Math.min(place, cells.length - 1));
  };
  const scrollTo = (place) => {
    const { scroll } = parts;
    scroll.scrollLeft = drawn[place].offsetLeft - scroll.clientWidth / 2;
  };

  const draw = () => {
    showPeriod(period);
    if (!signal.aborted) keep({ shown: asText(period) });
    cells = cellsOf(period);
    const wasFocused = parts.table.contains(document.activeElement);
    drawn = drawCells(parts.table, period, cells);
    selection.reset(drawn, period.span.rows, today());
    showWanted();
    if (wasFocused) parts.table.querySelector("[tabindex='0']").focus();
    if (period.isLatest) parts.scroll.scrollLeft = parts.scroll.scrollWidth;
    tell([]);
  };
  const read = async () => {
    reading.abort();
    reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    parts.map.setAttribute("aria-busy", "true");
    try {
      period ??= await firstPeriod(dag.dag_id, Date.now(), either);
      if (period.isLatest) span = period.span;
      draw();
      for await (const { ticks, warnings, isCut } of ticksOf(dag.dag_id, period, either)) {
        for (const cell of addTicks(cells, period, ticks)) update(drawn[cells.indexOf(cell)], cell, period.span);
        showNumbers(0);
        const notes = isCut ? [...warnings, "The period has more dates than the map can show. Show fewer days."] : warnings;
        parts.notes.replaceChildren(...notes.map((note) => element("li", {}, note)));
        parts.notes.hidden = notes.length === 0;
      }
      const [first] = showPlan();
      if (first !== undefined) scrollTo(first);
      tell(selection.chosen().length > 0 ? selection.chosen() : [today()]);
      parts.map.removeAttribute("aria-busy");
    } catch (failure) {
      if (either.aborted) return;
      parts.map.removeAttribute("aria-busy");
      if (!(failure instanceof Failure)) return report(failure);
      outlet.lastChild.replaceWith(element("p", { role: "alert", class: "message" }, failure.message));
    }
  };
  read();

  const follow = async () => {
    if (parts.map.hasAttribute("aria-busy")) return;
    if (period.isLatest && period.end !== latest(period.span, Date.now()).end) {
      // Since the last look another day has begun.
      period = latest(period.span, Date.now());
      await read();
      return;
    }
    const either = AbortSignal.any([signal, reading.signal]);
    const fresh = cellsOf(period);
    try {
      for await (const { ticks } of ticksOf(dag.dag_id, period, either)) addTicks(fresh, period, ticks);
    } catch (failure) {
      if (either.aborted) return;
      throw failure;
    }
    const changed = new Set();
    fresh.forEach((cell, place) => {
      if (cellText(cell, period.span) !== cellText(cells[place], period.span)) changed.add(place);
      cells[place] = cell;
    });
    for (const place of changed) update(drawn[place], cells[place], period.span);
    if (told.some((place) => changed.has(place))) redraw(parts.detail, () => tell(told), drawn[told[0]]);
    showPlan();
  };

  return {
    /** Read the period again, and draw it anew. */
    read,
    /**
     * Read it again, and write the states that have changed into the cells: what is selected and pointed at stays.
     * While it is being read anyway, this does nothing.
     */
    follow,
    /** Show what the form has as selected. */
    mark(next) {
      wanted = next;
      showWanted();
    },
    /** Mark the dates that would get a run, and go to the first. */
    plan(instants) {
      planned = instants;
      if (cells.length === 0) return;
      const [first] = showPlan();
      if (first !== undefined) scrollTo(first);
      else if (planned.length > 0 && span !== undefined) go(calendar(span, planned[0], 0));
    },
    /** Select the dates in a state. */
    choose,
    /** Return the range from the first to the last missing date; undefined if none is missing. */
    missing() {
      const missing = cells.filter((cell) => cell.counts.has("missing"));
      return missing.length ? asRange(missing[0], missing.at(-1), period.span) : undefined;
    },
  };
}
