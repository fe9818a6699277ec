/* Filling elements: from templates, from the address, as lists that keep their focus, as table rows, facts and warnings. */

import { element } from "../shared/elements.js";

/** Fill an element with a copy of a template; return its named parts by name. */
export function fill(outlet, template) {
  const copy = document.getElementById(template).content.cloneNode(true);
  const parts = [...copy.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]);
  outlet.replaceChildren(copy);
  return Object.fromEntries(parts);
}

/**
 * Make the children of an element those of some values, in their order. `create` makes the child of a new key; `update`
 * writes the value into it. A child whose key is still there is kept, and with it the focus, also when it moves.
 */
export function reconcile(parent, values, { key, create, update = () => {} }) {
  const focused = document.activeElement;
  const existing = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = values.map((value) => {
    const child = existing.get(String(key(value))) ?? create(value);
    child.dataset.key = key(value);
    update(child, value);
    return child;
  });
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
  });
  // An element that is moved loses the focus.
  if (parent.contains(focused) && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

/** Choose an option by its value; the first one if no option has it. */
export function choose(select, value) {
  select.value = value ?? "";
  if (select.selectedIndex === -1) select.selectedIndex = 0;
}

/** Return the row with the headings of columns. */
export const headingRow = (names) =>
  element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));

/** Return a row: its heading, then a cell for each value. */
export const row = (heading, values = []) =>
  element("tr", {}, element("th", { scope: "row" }, heading), ...cells(values));

/** Write values into the cells of a row. An element that is there already is left alone: it may have the focus. */
export function setCells(row, values) {
  values.forEach((value, place) => {
    const cell = row.cells[place + 1] ?? row.appendChild(element("td"));
    if (cell.firstChild !== value) cell.replaceChildren(value);
  });
  while (row.cells.length > values.length + 1) row.lastChild.remove();
}

/** Give each cell of some rows the heading of its column, which stands beside it where a row is a card. */
export function labelCells(rows) {
  const headings = [...rows.closest("table").tHead.rows[0].cells].map((cell) => cell.textContent);
  for (const { cells } of rows.rows) {
    // Writing the same again would make the browser compute the style of the cell again.
    for (const cell of cells) {
      const label = headings[cell.cellIndex];
      if (cell.dataset.label !== label) cell.dataset.label = label;
    }
  }
}

/**
 * Draw facts, pairs of a name and a value, as the items of a description list. What does not change is left alone: a link or
 * a button may have the focus. The focus of a link goes to the one in its place.
 */
export function drawFacts(list, pairs) {
  reconcile(list, pairs, {
    key: ([name]) => name,
    create: ([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)),
    update: ({ lastChild: shown }, [, value]) => {
      if (shown.firstChild === value) return;
      const drawn = element("dd", {}, value);
      if (shown.isEqualNode(drawn)) return;
      const hadFocus = shown.contains(document.activeElement);
      shown.replaceWith(drawn);
      if (hadFocus) drawn.querySelector("a")?.focus();
    },
  });
}

/** Return the list of warnings; nothing if there are none. */
export function warningList(sentences) {
  if (sentences.length === 0) return [];
  const items = sentences.map((sentence) => element("li", {}, sentence));
  return [element("ul", { class: "warnings", "aria-label": "Warnings" }, ...items)];
}

const cells = (values) => values.map((value) => element("td", {}, value));
