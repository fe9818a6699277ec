/* The number of runs in each state, as a bar and as a legend in words. */

import { element } from "../shared/elements.js";
import { reconcile } from "./render.js";
import { ORDER } from "./states.js";
import { figure, stateLabel } from "./values.js";

/** Draw the bar and its legend, given the number of runs in each state. */
export function drawStates({ bar, legend }, states) {
  drawBar(bar, states);
  reconcile(legend, countsOf(states), {
    key: ({ name }) => name,
    create: ({ name }) => element("li", {}, stateLabel(name), " ", element("b")),
    update: (item, { number }) => item.lastChild.replaceChildren(figure(number)),
  });
}

/** Draw the bar alone. */
export function drawBar(bar, states) {
  const present = countsOf(states).filter(({ number }) => number > 0);
  bar.setAttribute("aria-label", present.map(({ name, number }) => `${name}: ${figure(number)}`).join(", "));
  reconcile(bar, present, {
    key: ({ name }) => name,
    create: ({ name }) => element("span", { "data-state": name }),
    update: (part, { number }) => part.style.setProperty("flex-grow", number),
  });
}

function countsOf(states) {
  const others = Object.keys(states).filter((name) => !ORDER.includes(name));
  return [...ORDER, ...others].map((name) => ({ name, number: states[name] ?? 0 }));
}
