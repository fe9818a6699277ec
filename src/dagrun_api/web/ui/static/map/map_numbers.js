/* The legend of the map: how many dates are in each state, as buttons that select them. */

import { element } from "../shared/elements.js";
import { disable } from "../app/focus.js";
import { reconcile } from "../app/render.js";
import { figure } from "../app/values.js";
import { wordOf } from "./map_texts.js";

/** Draw the number of dates in each state, and of those that would get a run. `choose` gets the state of a click. */
export function drawNumbers(list, counts, planned, choose) {
  const values = [...counts].map(([state, number]) => ({ state, number }));
  if (planned > 0) values.push({ state: "planned", number: planned });
  reconcile(list, values, { key: ({ state }) => state, create: (value) => create(value, choose), update });
}

function create({ state }, choose) {
  const label = [element("span", { class: "mark", "data-state": state }), wordOf(state), " ", element("b")];
  const button = element("button", { type: "button", click: () => choose(state) }, ...label);
  return element("li", {}, state === "planned" ? element("span", {}, ...label) : button);
}

function update(item, { number }) {
  item.firstChild.lastChild.textContent = figure(number);
  if (item.firstChild.localName === "button") disable(item.firstChild, number === 0, document.querySelector("main h1"));
}
