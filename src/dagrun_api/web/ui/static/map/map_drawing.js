/* Drawing the map: a table with a column for each week and a cell for each day, or a cell for each hour of a day. */

import { element } from "../shared/elements.js";
import { cellText } from "./map_texts.js";
import { headingsOf, placesBefore, worstOf } from "./tick_cells.js";

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
  table.replaceChildren(element("thead", {}, ...headings(period)), element("tbody", {}, ...lines));
  // The cells grow until they fill the width.
  table.style.setProperty("--columns", Math.ceil((before + cells.length) / rows));
  return drawn;
}

/** Write the state of a cell into its element, and how many runs are planned there. */
export function update(drawing, cell, span, planned = 0) {
  const state = worstOf(cell);
  if (state !== undefined) drawing.dataset.state = state;
  drawing.toggleAttribute("data-planned", planned > 0);
  const text = cellText(cell, span, planned);
  drawing.title = text;
  drawing.setAttribute("aria-label", text);
}

const heading = (text) => element("th", { scope: "row" }, text);

function headings(period) {
  if (period.span.rows === 1) {
    const hours = Array.from({ length: 24 }, (_, hour) => element("th", { scope: "col" }, String(hour).padStart(2, "0")));
    return [element("tr", {}, element("td"), ...hours)];
  }
  const [years, months] = ["year", "month"].map((unit) => headingsOf(period, unit));
  return years.length > 1 ? [line(years), line(months)] : [line(months)];
}

/** Return a row of headings. One with a single column has no room for its name. */
const line = (names) =>
  element(
    "tr",
    {},
    element("td"),
    ...names.map(({ name, columns }) =>
      columns > 1 ? element("th", { scope: "colgroup", colspan: columns }, name) : element("td"),
    ),
  );
