/* Pointing at cells and selecting them, with the keyboard, the mouse or a finger. */

import { placeAfter } from "./tick_cells.js";

/**
 * Let cells of a table be selected. `pointed` is called with the place of a cell, `selected` with the places of those
 * that the visitor has selected, and `opened` with the place of a cell to open.
 *
 * One cell is in the tab order. The arrow keys, Home and End move to the others, with Shift they select a range.
 */
export function mapSelection(table, { pointed, selected, opened }, signal) {
  let drawn = [];
  let places = new Map();
  let rows = 1;
  let anchor = 0;
  let current = 0;
  let isDragging = false;
  let chosen = [];

  const placeOf = (event) => places.get(event.target.closest?.("td"));
  const choose = (wanted) => {
    chosen = wanted;
    const set = new Set(chosen);
    drawn.forEach((cell, place) => cell.setAttribute("aria-selected", set.has(place)));
  };
  const chooseTo = (place) => {
    const [first, last] = [Math.min(anchor, place), Math.max(anchor, place)];
    choose(Array.from({ length: last - first + 1 }, (_, more) => first + more));
  };
  const moveTo = (place) => {
    drawn[current]?.setAttribute("tabindex", "-1");
    current = place;
    drawn[current]?.setAttribute("tabindex", "0");
  };
  const selectTo = (place, isRange) => {
    if (!isRange) anchor = place;
    chooseTo(place);
    drawn[place].focus({ preventScroll: true });
  };

  table.addEventListener("focusin", (event) => {
    const place = placeOf(event);
    if (place === undefined) return;
    moveTo(place);
    pointed(place);
  });
  table.addEventListener("keydown", (event) => {
    const place = placeOf(event);
    if (place === undefined) return;
    const next = placeAfter(event.key, place, drawn.length, rows);
    if (next !== undefined) {
      if (event.shiftKey && chosen.length === 0) anchor = place;
      if (event.shiftKey) chooseTo(next);
      else anchor = next;
      drawn[next].focus();
      if (event.shiftKey) selected(chosen);
    } else if (event.key === " ") {
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
    isDragging = true;
    selectTo(place, event.shiftKey);
  });
  table.addEventListener("pointerover", (event) => {
    const place = placeOf(event);
    if (place === undefined) return;
    if (isDragging) chooseTo(place);
    else if (chosen.length === 0) pointed(place);
  });
  const drop = () => {
    if (isDragging) selected(chosen);
    isDragging = false;
  };
  document.addEventListener("pointerup", drop, { signal });
  table.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (place === undefined || event.pointerType !== "touch") return;
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
    /** Select these cells, and go to the first. */
    choose(wanted) {
      choose(wanted);
      anchor = wanted[0];
      drawn[wanted[0]].focus();
      selected(chosen);
    },
  };
}
