/* The keys of the map of a batch: one of its links is in the tab order, and keys lead to the others. */

/** Let the keys of an element move the focus between those of its links that match a selector. */
export function moveByKeys(map, selector) {
  const choose = (link) => {
    map.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    link?.setAttribute("tabindex", "0");
  };
  map.addEventListener("focusin", (event) => choose(event.target.closest("a")));
  map.addEventListener("keydown", (event) => {
    const links = [...map.querySelectorAll("div:not([hidden]) > p > a, li > a")];
    const cells = links.filter((link) => link.matches(selector));
    const next = {
      ArrowRight: () => links[links.indexOf(event.target) + 1],
      ArrowLeft: () => links[links.indexOf(event.target) - 1],
      ArrowDown: () => inNextLine(cells, event.target, 1),
      ArrowUp: () => inNextLine(cells, event.target, -1),
      Home: () => cells[0],
      End: () => cells.at(-1),
    }[event.key];
    if (next === undefined || !links.includes(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    next()?.focus();
  });

  /** Put a link into the tab order, if none is. */
  return () => {
    if (map.querySelector("[tabindex='0']") === null) choose(map.querySelector(selector));
  };
}

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
