/* Pointing at cells and selecting them, with the keyboard, the mouse or a finger. */

import { placeAfter } from "./tick_cells.js";

/**
 * Let cells of a table be selected. `pointed` gets the place of a cell; `left` is called when none is pointed at any
 * more. `selected` gets the places that the visitor has selected, `toggled` the place of a single cell, and `opened`
 * that of a cell to open. `isSingle` tells whether cells are chosen one by one, also without Ctrl.
 *
 * One cell is in the tab order. The arrow keys, Home and End move to the others, with Shift they select a range.
 */
export function mapSelection(table, { pointed, left, selected, toggled, opened, isSingle }, signal) {
  let drawn = [];
  let places = new Map();
  let rows = 1;
  let anchor = 0;
  let current = 0;
  let isDragging = false;
  let chosen = [];

  const placeOf = (event) => places.get(event.target.closest?.("td"));
  const toggles = (event) => !event.shiftKey && (event.ctrlKey || event.metaKey || isSingle());
  const show = (wanted) => {
    chosen = wanted;
    const set = new Set(chosen);
    drawn.forEach((cell, place) => cell.setAttribute("aria-selected", set.has(place)));
  };
  const showTo = (place) => {
    const [first, last] = [Math.min(anchor, place), Math.max(anchor, place)];
    show(Array.from({ length: last - first + 1 }, (_, more) => first + more));
  };
  const moveTo = (place) => {
    drawn[current]?.setAttribute("tabindex", "-1");
    current = place;
    drawn[current]?.setAttribute("tabindex", "0");
  };
  const selectTo = (place, isRange) => {
    if (!isRange) anchor = place;
    showTo(place);
    drawn[place].focus({ preventScroll: true });
  };
  const toggle = (place) => {
    anchor = place;
    drawn[place].focus({ preventScroll: true });
    toggled(place);
  };

  table.addEventListener("focusin", (event) => {
    const place = placeOf(event);
    if (place === undefined) return;
    moveTo(place);
    pointed(place);
  });
  table.addEventListener("keydown", (event) => {
    const place = placeOf(event);
    if (place === undefined || event.altKey) return;
    const next = placeAfter(event.key, place, drawn.length, rows);
    if (next !== undefined) {
      if (event.shiftKey && chosen.length === 0) anchor = place;
      if (event.shiftKey) showTo(next);
      else anchor = next;
      drawn[next].focus();
      if (event.shiftKey) selected(chosen);
    } else if (event.key === " " && toggles(event)) toggle(place);
    else if (event.key === " ") {
      selectTo(place, event.shiftKey);
      selected(chosen);
    } else if (event.key === "Enter") opened(place);
    else return;
    event.preventDefault();
  });
  table.addEventListener("pointerdown", (event) => {
    const place = placeOf(event);
    // A finger that moves scrolls the map.
    if (place === undefined || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    if (toggles(event)) return toggle(place);
    isDragging = true;
    selectTo(place, event.shiftKey);
  });
  table.addEventListener("pointerover", (event) => {
    const place = placeOf(event);
    if (place === undefined) return;
    if (isDragging) showTo(place);
    else pointed(place);
  });
  table.addEventListener("pointerleave", () => {
    if (!isDragging) left();
  });
  const drop = () => {
    if (isDragging) selected(chosen);
    isDragging = false;
  };
  // A pen that begins to scroll ends what it drags without being lifted.
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, drop, { signal });
  table.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (place === undefined || event.pointerType !== "touch") return;
    if (toggles(event)) return toggle(place);
    selectTo(place, false);
    selected(chosen);
  });
  table.addEventListener("dblclick", (event) => {
    const place = placeOf(event);
    if (place !== undefined) opened(place);
  });

  return {
    /** Use other cells, with one of them in the tab order. */
    reset(cells, numberOfRows, place) {
      drawn = cells;
      rows = numberOfRows;
      places = new Map(cells.map((cell, at) => [cell, at]));
      chosen = [];
      anchor = place;
      moveTo(place);
    },
    /** Show these cells as selected. */
    show,
    /** Select these cells, and go to the first. */
    choose(wanted) {
      show(wanted);
      anchor = wanted[0];
      drawn[wanted[0]].focus();
      selected(chosen);
    },
    /** Return the places of the selected cells. */
    chosen: () => chosen,
  };
}
