/* Common ranges of dates, as buttons. */

import { element } from "../shared/elements.js";
import { DAY, dayText } from "../app/days.js";
import { instantOf } from "../app/values.js";

/** Offer the common ranges for a DAG. `missing` returns that of the map; `choose` gets the first and the last date. */
export function rangeChips(outlet, dag, missing, choose) {
  const today = new Date();
  const month = (more) => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + more, 1);
  const ranges = [
    ["this month", () => days(month(0), today, dag)],
    ["last month", () => days(month(-1), month(0) - DAY, dag)],
    ["last 30 days", () => days(today - 29 * DAY, today, dag)],
    ["all missing on the map", missing],
  ];
  for (const [name, range] of ranges) {
    const click = () => {
      const found = range();
      if (found !== undefined) choose(...found);
    };
    outlet.append(element("button", { type: "button", class: "chip", click }, name));
  }
}

/** Return the days from one instant to another, as far as the DAG has dates there; undefined when it has none. */
function days(first, last, { start_date: start, end_date: end }) {
  const bound = (date, none) => (date === "None" ? none : instantOf(date));
  const from = dayText(Math.max(first, bound(start, -Infinity)));
  const to = dayText(Math.min(last, bound(end, Infinity)));
  return from <= to ? [from, to] : undefined;
}
