/* The cells of a map on the page: their states, which are selected, what the line below tells, and the numbers. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { redraw } from "../app/focus.js";
import { drawCells, update } from "./map_drawing.js";
import { drawGaps } from "./map_gaps.js";
import { drawNumbers } from "./map_numbers.js";
import { mapSelection } from "./map_selection.js";
import { cellDetail, cellText, rangeDetail, rangeText } from "./map_texts.js";
import { addTicks, asRange, cellsOf, countsOf, isRange, missingOf, placesOf, placesWithin } from "./tick_cells.js";

/**
 * Return the cells of a map, of which there are none before the first `draw`. Times are also told in `zones`. The
 * callbacks are those of `scheduleMap`.
 */
export function mapGrid(parts, zones, { choosesSingle, range, several, single, counted }, signal) {
  let period;
  let cells = [];
  let drawn = [];
  // The places of the cells that the line below tells about.
  let told = [];

  const cellsAt = (places) => places.map((place) => cells[place]);
  const tell = (places) => {
    told = places;
    const [first] = cellsAt(places);
    if (places.length > 1) parts.detail.replaceChildren(...rangeDetail(cellsAt(places), period.span));
    else parts.detail.replaceChildren(...(first ? cellDetail(first, period.span, zones) : []));
  };
  /** Say why a cell cannot be chosen. */
  const refuse = (place) => {
    const sentence = "No run is missing there.";
    tell([place]);
    parts.detail.append(element("b", {}, sentence));
    announce(sentence);
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
        if (dates.length === 0) return refuse(place);
        single(dates, missingOf(cellsAt(selection.chosen())));
      },
      opened: (place) => {
        const run = cells[place].ticks.find((tick) => tick.dag_run !== "None")?.dag_run;
        if (run !== undefined) location.hash = runLink(run);
      },
    },
    signal,
  );
  const today = () => {
    const place = Math.floor((Date.now() - period.start) / period.span.unit);
    return Math.max(0, Math.min(place, cells.length - 1));
  };
  const choose = (state) => {
    const places = cells.flatMap((cell, place) => (cell.counts.has(state) ? [place] : []));
    if (places.length > 0) selection.choose(places);
  };

  return {
    /** Draw the cells of a period, without any tick. */
    draw(next) {
      period = next;
      cells = cellsOf(period);
      const wasFocused = parts.table.contains(document.activeElement);
      drawn = drawCells(parts.table, period, cells);
      selection.reset(drawn, period.span.rows, today());
      if (wasFocused) parts.table.querySelector("[tabindex='0']").focus();
      if (period.isLatest) parts.scroll.scrollLeft = parts.scroll.scrollWidth;
      tell([]);
    },
    /** Put ticks into the cells. */
    add(ticks) {
      for (const cell of addTicks(cells, period, ticks)) update(drawn[cells.indexOf(cell)], cell, period.span);
    },
    /** Replace the ticks by others; what is selected and pointed at stays. */
    replace(ticks) {
      const fresh = cellsOf(period);
      addTicks(fresh, period, ticks);
      const changed = fresh.flatMap((cell, place) =>
        cellText(cell, period.span) === cellText(cells[place], period.span) ? [] : [place],
      );
      cells = fresh;
      for (const place of changed) update(drawn[place], cells[place], period.span);
      if (told.some((place) => changed.includes(place))) redraw(parts.detail, () => tell(told), drawn[told[0]]);
    },
    /** Show as selected what the form has: a window as two instants, or single instants. */
    select({ window, instants }) {
      if (cells.length === 0) return;
      const places = window
        ? placesWithin(cells, period.span, window)
        : placesOf(cells, period.span, instants).keys();
      selection.show([...places]);
      if (selection.chosen().length > 0) tell(selection.chosen());
    },
    /** Mark the instants that would get a run; return the place of the first. */
    plan(instants) {
      const places = placesOf(cells, period.span, instants);
      const changed = drawn.flatMap((cell, place) => (places.has(place) || "planned" in cell.dataset ? [place] : []));
      for (const place of changed) update(drawn[place], cells[place], period.span, places.get(place));
      return places.keys().next().value;
    },
    /** Show a cell where the map is wider than its card; without one, the first that is selected. */
    scrollTo(place = selection.chosen()[0]) {
      if (place !== undefined) parts.scroll.scrollLeft = drawn[place].offsetLeft - parts.scroll.clientWidth / 2;
    },
    /** Write how many dates are in each state, how many of some instants lie here, and which gaps there are. */
    count(instants) {
      const counts = countsOf(cells);
      const planned = [...placesOf(cells, period.span, instants).values()].reduce((sum, number) => sum + number, 0);
      drawNumbers(parts.numbers, counts, planned, choose);
      drawGaps(parts, cells, period.span, selection.choose);
      counted(period.title, counts);
    },
    /** Tell about the selected cells; without any, about the latest one. */
    tell: () => tell(selection.chosen().length > 0 ? selection.chosen() : [today()]),
    /** Select the dates in a state. */
    choose,
    /** Return the range from the first to the last missing date; undefined if none is missing. */
    missing() {
      const missing = cells.filter((cell) => cell.counts.has("missing"));
      return missing.length ? asRange(missing[0], missing.at(-1), period.span) : undefined;
    },
  };
}
