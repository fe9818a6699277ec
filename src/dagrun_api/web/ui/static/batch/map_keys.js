/* The keys of the map of a batch: its cells, and in several DAGs the names of these, are one stop of the Tab key. */

import { rovingTabindex } from "../app/roving_tabindex.js";

const CELL = ".strip a";

/** Let keys move the focus. Return the function that puts the first cell into the tab order, unless a link is there. */
export function mapKeys(map) {
  const linksIn = () => [...map.querySelectorAll(`.map-label:not([hidden]) a, ${CELL}`)];
  const choose = rovingTabindex(map, linksIn, {
    ArrowDown: (links, place) => inNextLine(cellsOf(links), links[place], 1),
    ArrowUp: (links, place) => inNextLine(cellsOf(links), links[place], -1),
    Home: (links) => cellsOf(links)[0],
  });
  return () => choose(map.querySelector(CELL));
}

const cellsOf = (links) => links.filter((link) => link.matches(CELL));

/** Return the nearest cell in the next line below (or, with the direction -1, above); undefined beyond the end. */
function inNextLine(cells, from, direction) {
  const { left, top } = from.getBoundingClientRect();
  let best;
  for (const cell of cells) {
    const box = cell.getBoundingClientRect();
    const away = { cell, down: (box.top - top) * direction, across: Math.abs(box.left - left) };
    if (away.down < 1) continue;
    const isInLine = best !== undefined && Math.abs(away.down - best.down) < 1;
    if (best === undefined || (isInLine ? away.across < best.across : away.down < best.down)) best = away;
  }
  return best?.cell;
}
