/* The table of batches: a row for each, with its progress. */

import { element } from "../shared/elements.js";
import { batchLink, dagLink } from "../app/addresses.js";
import { fill, labelCells, reconcile, row, setCells } from "../app/render.js";
import { drawBar } from "../app/state_bar.js";
import { endedOf, hasEnded } from "../app/states.js";
import { ago, figure, identifier, instant, stateLabel } from "../app/values.js";

/** Put the table into an element; return the function that draws batches. A row that stays keeps the focus. */
export function batchTable(outlet, name) {
  const { caption, rows } = fill(outlet, "batch-table");
  caption.textContent = name;
  return (batches) => {
    reconcile(rows, batches, { key: (batch) => `${batch.dag_id} ${batch.prefix}`, create, update });
    labelCells(rows);
  };
}

function create({ prefix, dag_id: dagId }) {
  const created = row(element("a", { href: batchLink(prefix, dagId) }, identifier(prefix)));
  const dag = element("a", { href: dagLink(dagId) }, identifier(dagId));
  const progress = element(
    "div",
    { class: "progress-cell" },
    element("div", { class: "bar", role: "img" }),
    element("p"),
  );
  setCells(created, [dag, "", progress, "", ""]);
  return created;
}

function update(item, batch) {
  const [, dag, , progress] = [...item.cells].map((cell) => cell.firstChild);
  const [bar, sentence] = progress.children;
  drawBar(bar, batch.states);
  sentence.replaceChildren(...inWords(batch));
  setCells(item, [dag, figure(batch.total), progress, datesOf(batch), endOf(batch)]);
}

function datesOf({ first_execution: first, last_execution: last }) {
  if (first === last) return instant(first);
  return element("div", {}, instant(first), " ", element("span", { class: "second" }, "to ", instant(last)));
}

function endOf(batch) {
  if (!hasEnded(batch)) return "not yet";
  if (batch.last_ended === "None") return "–";
  return element(
    "div",
    {},
    instant(batch.last_ended),
    " ",
    element("span", { class: "second" }, ago(batch.last_ended)),
  );
}

function inWords(batch) {
  const { states, total, percent_done: percent, is_paused: isPaused } = batch;
  const parts = [element("b", {}, `${figure(percent)}%`)];
  if (!hasEnded(batch)) parts.push(element("span", {}, `${figure(endedOf(states))} of ${figure(total)} ended`));
  if (states.failed) parts.push(stateLabel("failed", `${figure(states.failed)} failed`));
  if (isPaused === true && !hasEnded(batch)) parts.push(element("span", {}, "paused"));
  // Screen readers read the parts as words of one line.
  return parts.flatMap((part) => [part, " "]);
}
