/* How many runs are in each state: as a bar, and in words. */

import { element, figure, keep, state } from "../shared/elements.js";

/** The states in the order of a bar, what has ended first; another that Airflow may have comes after them. */
export const ORDER = ["success", "failed", "running", "queued"];

/** Draw the bar and its legend for the number of runs in each state. */
export function bar({ bar: outlet, legend }, states) {
  const others = Object.keys(states).filter((name) => !ORDER.includes(name));
  const counts = [...ORDER, ...others].map((name) => [name, states[name] ?? 0]);
  const present = counts.filter(([, number]) => number > 0);
  outlet.setAttribute("aria-label", present.map(([name, number]) => `${name}: ${figure(number)}`).join(", "));
  keep(
    outlet,
    present,
    ([name]) => name,
    ([name]) => element("span", { "data-state": name }),
    (part, [, number]) => part.style.setProperty("flex-grow", number),
  );
  keep(
    legend,
    counts,
    ([name]) => name,
    ([name]) => element("li", {}, state(name), " ", element("b")),
    (item, [, number]) => (item.lastChild.textContent = figure(number)),
  );
}
