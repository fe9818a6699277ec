/* The map of a schedule: each date of a period, and the state of its run. */

import { element } from "../shared/elements.js";
import { keep } from "../app/addresses.js";
import { Failure } from "../app/api.js";
import { otherZones } from "../app/days.js";
import { fill } from "../app/render.js";
import { mapGrid } from "./map_grid.js";
import { mapPeriod } from "./map_period.js";
import { asText, calendar, fromText, latest } from "./periods.js";
import { firstPeriod, ticksOf } from "./tick_reader.js";

/** The map of a DAG without ticks. */
const NONE = { read: async () => {}, follow: async () => {}, mark() {}, plan() {}, choose() {}, missing: () => undefined };

/**
 * Show the map of a DAG. Of the `callbacks`, `choosesSingle` tells whether cells are chosen one by one; `range` gets
 * the selected dates as the form writes them, `several` the missing dates of cells that are no range, and `single` those
 * of one more cell, with those of the cells selected before; `counted` gets the title of the period and the number of
 * dates in each state.
 */
export function scheduleMap(outlet, dag, { query, signal, report, ...callbacks }) {
  if (dag.unlistable !== "None") {
    outlet.append(element("h2", { id: "schedule-heading" }, "Schedule"), element("p", { class: "hint" }, dag.unlistable));
    return NONE;
  }
  const parts = fill(outlet.appendChild(element("div")), "schedule-map");
  const grid = mapGrid(parts, otherZones([dag.timezone]), callbacks, signal);
  let period = fromText(query.get("shown"));
  let isDrawn = false;
  let latestSpan;
  // What the form has, and the instants that would get a run.
  let wanted = { instants: [] };
  let planned = [];
  // Aborts the latest reading, whose ticks are not wanted in another period.
  let reading = new AbortController();

  const go = (next) => {
    period = next;
    read();
  };
  const showPeriod = mapPeriod(parts, dag, go);
  /** Mark the dates that would get a run; return the place of the first. */
  const showPlan = () => {
    const first = grid.plan(planned);
    grid.count(planned);
    return first;
  };
  const showNotes = (warnings, isCut) => {
    const notes = isCut ? [...warnings, "The period has more dates than the map can show. Show fewer days."] : warnings;
    parts.notes.replaceChildren(...notes.map((note) => element("li", {}, note)));
    parts.notes.hidden = notes.length === 0;
  };
  const draw = () => {
    showPeriod(period);
    if (!signal.aborted) keep({ shown: asText(period) });
    grid.draw(period);
    grid.select(wanted);
    isDrawn = true;
  };
  const read = async () => {
    reading.abort();
    reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    parts.map.setAttribute("aria-busy", "true");
    try {
      period ??= await firstPeriod(dag.dag_id, Date.now(), either);
      if (period.isLatest) latestSpan = period.span;
      draw();
      for await (const { ticks, warnings, isCut } of ticksOf(dag.dag_id, period, either)) {
        grid.add(ticks);
        grid.count([]);
        showNotes(warnings, isCut);
      }
      grid.scrollTo(showPlan());
      grid.tell();
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
    const all = [];
    try {
      for await (const { ticks } of ticksOf(dag.dag_id, period, either)) all.push(...ticks);
    } catch (failure) {
      if (either.aborted) return;
      throw failure;
    }
    grid.replace(all);
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
    /** Show what the form has as selected: a window as two instants, or single instants. */
    mark(next) {
      wanted = next;
      grid.select(wanted);
    },
    /** Mark the dates that would get a run, and go to the first. */
    plan(instants) {
      planned = instants;
      if (!isDrawn) return;
      const first = showPlan();
      if (first !== undefined) grid.scrollTo(first);
      else if (planned.length > 0 && latestSpan !== undefined) go(calendar(latestSpan, planned[0], 0));
    },
    /** Select the dates in a state. */
    choose: grid.choose,
    /** Return the range from the first to the last missing date; undefined if none is missing. */
    missing: grid.missing,
  };
}
