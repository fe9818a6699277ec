/* The map of a schedule: each date of a period, and the state of its run. */

import { element } from "../shared/elements.js";
import { announce } from "../app/announce.js";
import { Failure } from "../app/api.js";
import { drawCells, update } from "./map_drawing.js";
import { mapSelection } from "./map_selection.js";
import { cellDetail, hrefOf, rangeDetail, rangeText, wordOf } from "./map_texts.js";
import { beside, latest } from "./periods.js";
import { addTicks, cellsOf, countsOf, windowOf } from "./tick_cells.js";
import { firstPeriod, ticksOf } from "./tick_reader.js";
import { fill } from "../app/render.js";
import { figure, instantOf, stateLabel } from "../app/values.js";

/** Show the map of a DAG. `setWindow` gets the selected dates. Return the function that reads the period again. */
export function scheduleMap(outlet, dag, { signal, report, setWindow }) {
  if (dag.unlistable !== "None") {
    outlet.append(element("p", { class: "hint" }, dag.unlistable));
    return async () => {};
  }
  const parts = fill(outlet.appendChild(element("div")), "schedule-map");
  let period;
  let cells = [];
  let drawn = [];
  // Aborts the latest reading, whose ticks are not wanted in another period.
  let reading = new AbortController();

  const detail = (...children) => parts.detail.replaceChildren(...children);
  const selection = mapSelection(
    parts.table,
    {
      pointed: (place) => detail(...cellDetail(cells[place], period.span)),
      selected: (places) => {
        const chosen = places.map((place) => cells[place]);
        if (chosen.length > 1) detail(...rangeDetail(chosen, period.span));
        announce(rangeText(chosen, period.span));
        // The dates between selected ones are created as well, unless they have a run.
        const isRange = places.at(-1) - places[0] === places.length - 1;
        if (isRange || chosen.every((cell) => cell.counts.has("missing"))) {
          setWindow(...windowOf(chosen[0], chosen.at(-1), period.span));
        }
      },
      opened: (place) => {
        const run = cells[place].ticks.find((tick) => tick.dag_run !== "None")?.dag_run;
        if (run !== undefined) location.hash = hrefOf(run);
      },
    },
    signal,
  );

  const drawNumbers = () => {
    const items = [...countsOf(cells)].map(([state, number]) => {
      const select = () => selection.choose(cells.flatMap((cell, place) => (cell.counts.has(state) ? [place] : [])));
      const label = [element("b", {}, figure(number)), " ", stateLabel(state, wordOf(state))];
      return element("li", {}, element("button", { type: "button", click: select, disabled: number === 0 }, ...label));
    });
    parts.numbers.replaceChildren(...items);
  };
  const drawPeriod = () => {
    const now = Date.now();
    const [previous, next] = [beside(period, -1), beside(period, 1)];
    parts.title.textContent = period.title;
    parts.previous.textContent = `‹ ${previous.title}`;
    parts.next.textContent = `${next.title} ›`;
    parts.latest.textContent = period.span.latest;
    parts.previous.disabled = dag.start_date !== "None" && previous.end <= instantOf(dag.start_date);
    parts.next.disabled = next.start > now;
    parts.latest.disabled = period.isLatest;
  };

  const show = async () => {
    reading.abort();
    reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    parts.map.setAttribute("aria-busy", "true");
    try {
      period ??= await firstPeriod(dag.dag_id, Date.now(), either);
      drawPeriod();
      cells = cellsOf(period);
      const wasFocused = parts.table.contains(document.activeElement);
      drawn = drawCells(parts.table, period, cells);
      const today = Math.floor((Date.now() - period.start) / period.span.unit);
      selection.reset(drawn, period.span.rows, Math.max(0, Math.min(today, cells.length - 1)));
      if (wasFocused) parts.table.querySelector("[tabindex='0']").focus();
      if (period.isLatest) parts.scroll.scrollLeft = parts.scroll.scrollWidth;
      detail();
      for await (const { ticks, warnings, isCut } of ticksOf(dag.dag_id, period, either)) {
        for (const cell of addTicks(cells, period, ticks)) update(drawn[cells.indexOf(cell)], cell, period.span);
        drawNumbers();
        const notes = isCut ? [...warnings, "The period has more dates than the map can show."] : warnings;
        parts.notes.replaceChildren(...notes.map((note) => element("li", {}, note)));
        parts.notes.hidden = notes.length === 0;
      }
      parts.map.removeAttribute("aria-busy");
    } catch (failure) {
      if (either.aborted) return;
      parts.map.removeAttribute("aria-busy");
      if (!(failure instanceof Failure)) return report(failure);
      outlet.lastChild.replaceWith(element("p", { role: "alert", class: "message" }, failure.message));
    }
  };

  const go = (wanted) => {
    period = wanted;
    show();
  };
  parts.previous.addEventListener("click", () => go(beside(period, -1)));
  parts.next.addEventListener("click", () => go(beside(period, 1)));
  parts.latest.addEventListener("click", () => go(latest(period.span, Date.now())));
  show();
  return show;
}
