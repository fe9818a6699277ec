/* Drawing the map: a table with a column for each week and a cell for each day, or a cell for each hour of a day. */

import { element } from "../shared/elements.js";
import { cellText } from "./map_texts.js";
import { monthsOf, placesBefore, worstOf } from "./tick_cells.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Draw the cells of a period into a table; return their elements. */
export function drawCells(table, period, cells) {
  const { rows } = period.span;
  const lines = Array.from({ length: rows }, (_, row) => element("tr", {}, heading(rows === 7 ? WEEKDAYS[row] : "Runs")));
  const before = placesBefore(period);
  for (let place = 0; place < before; place++) lines[place].append(element("td"));
  const drawn = cells.map((cell, place) => {
    const drawing = element("td", { tabindex: "-1", "aria-selected": "false" });
    lines[(before + place) % rows].append(drawing);
    update(drawing, cell, period.span);
    return drawing;
  });
  table.replaceChildren(element("thead", {}, headings(period)), element("tbody", {}, ...lines));
  return drawn;
}

/** Write the state of a cell into its element. */
export function update(drawing, cell, span) {
  const state = worstOf(cell);
  if (state !== undefined) drawing.dataset.state = state;
  const text = cellText(cell, span);
  drawing.title = text;
  drawing.setAttribute("aria-label", text);
}

const heading = (text) => element("th", { scope: "row" }, text);

function headings(period) {
  const corner = element("td");
  if (period.span.rows === 1) {
    const hours = Array.from({ length: 24 }, (_, hour) => element("th", { scope: "col" }, String(hour).padStart(2, "0")));
    return element("tr", {}, corner, ...hours);
  }
  const months = monthsOf(period).map(({ name, columns }) =>
    // A month with one column has no room for its name.
    columns > 1 ? element("th", { scope: "colgroup", colspan: columns }, name) : element("td"),
  );
  return element("tr", {}, corner, ...months);
}
