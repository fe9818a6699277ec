/* The gaps of the schedule in the period of a map, as buttons that select them. */

import { element } from "../shared/elements.js";
import { reconcile } from "../app/render.js";
import { count, figure } from "../app/values.js";
import { rangeOf } from "./map_texts.js";
import { gapsOf } from "./tick_cells.js";

const SHOWN = 3;

/** Draw the newest gaps among the cells of a period. `choose` gets the places of the gap that is clicked. */
export function drawGaps({ gaps: line, gap_list: list }, cells, span, choose) {
  const gaps = gapsOf(cells);
  line.hidden = gaps.length === 0;
  const shown = gaps.slice(0, SHOWN).map(({ places, number }) => {
    const range = rangeOf(cells[places[0]], cells[places.at(-1)], span);
    return { places, text: number === 1 ? range : `${range} (${figure(number)})` };
  });
  const others = gaps.length - shown.length;
  reconcile(list, others ? [...shown, { text: `and ${count(others, "earlier one")}` }] : shown, {
    key: ({ places, text }) => `${places?.[0]} ${text}`,
    create: ({ places, text }) => element("li", {}, places ? gapButton(text, () => choose(places)) : text),
  });
}

const gapButton = (text, click) => element("button", { type: "button", class: "chip", click }, text);
