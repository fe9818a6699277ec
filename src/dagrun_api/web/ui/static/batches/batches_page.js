/* The view of all batches, of one DAG or of all: a page at a time, which is read again while it is seen. */

import { element } from "../shared/elements.js";
import { keep } from "../app/addresses.js";
import { get } from "../app/api.js";
import { rest } from "../app/polling.js";
import { fill } from "../app/render.js";
import { hasEnded } from "../app/states.js";
import { count } from "../app/values.js";
import { readBatches } from "./batch_pages.js";
import { batchTable } from "./batch_table.js";
import { openForm } from "./open_form.js";

const PAGE = 25;

export const heading = () => ["Batches"];

export async function show(outlet, { query, signal, report }) {
  const parts = fill(outlet, "batches-page");
  const { filters, choices, list_heading, first, previous, next } = parts;
  const field = filters.elements.dag_id;
  field.value = query.get("dag_id") ?? "";
  openForm(parts.opening);
  const draw = drawing(parts, batchTable(parts.table, "Batches, newest run first"));
  // Where each page starts, up to the current one. After a reload, those before are not known.
  let starts = [query.get("start") ?? undefined];
  let dagId = field.value;
  let nextStart;
  let reading = new AbortController();

  const read = async () => {
    reading.abort();
    reading = new AbortController();
    const turn = AbortSignal.any([signal, reading.signal]);
    try {
      for (;;) {
        const page = await readPage({ dagId, start: starts.at(-1), size: PAGE }, turn);
        nextStart = page.next;
        draw({ ...page, dagId, starts });
        outlet.removeAttribute("aria-busy");
        await rest(page.batches.every(hasEnded), turn);
      }
    } catch (failure) {
      if (!turn.aborted) throw failure;
    }
  };
  const turnTo = (pages) => {
    starts = pages;
    keep({ dag_id: dagId, start: starts.at(-1) });
    report(null);
    read().catch(report);
  };
  const choose = () => {
    if (field.value.trim() === dagId) return;
    dagId = field.value.trim();
    turnTo([undefined]);
  };
  const isChoice = () => [...choices.options].some((option) => option.value === field.value);

  filters.addEventListener("input", () => {
    if (field.value === "" || isChoice()) choose();
  });
  filters.addEventListener("change", choose);
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    choose();
  });
  for (const [button, pages] of [
    [first, () => [undefined]],
    [previous, () => starts.slice(0, -1)],
    [next, () => [...starts, nextStart]],
  ]) {
    button.addEventListener("click", () => {
      turnTo(pages());
      // The button may vanish, and the new page begins above it.
      list_heading.focus();
    });
  }
  await Promise.all([read(), offerDags(choices, signal)]);
}

/** Return a page; a refusal is a page without batches. */
async function readPage(wanted, signal) {
  try {
    return await readBatches(wanted, signal);
  } catch (failure) {
    if (failure.status !== 403) throw failure;
    return { batches: [], isRefused: true };
  }
}

function drawing({ table, refusal, none, shown, turning, first, previous, next }, drawRows) {
  return ({ batches, next: nextStart, isRefused = false, dagId, starts }) => {
    drawRows(batches);
    const isEmpty = batches.length === 0;
    table.hidden = isEmpty;
    none.hidden = !isEmpty || isRefused;
    none.textContent = emptyPage(dagId, starts.at(-1), nextStart);
    refuse(refusal, isRefused, dagId);
    // On the second page, Previous does the same.
    first.hidden = starts[0] === undefined && starts.length < 3;
    previous.hidden = starts.length === 1;
    next.hidden = nextStart === undefined;
    turning.hidden = first.hidden && previous.hidden && next.hidden;
    const page = starts[0] === undefined ? ` on page ${starts.length}` : " on this page";
    shown.textContent = isEmpty ? "" : count(batches.length, "batch", "batches") + (turning.hidden ? "" : page);
  };
}

function emptyPage(dagId, start, nextStart) {
  if (nextStart !== undefined) return "There are only scheduled runs here. Next looks further back.";
  if (start !== undefined) return "There are no older batches.";
  if (dagId) return `There are no batches of the DAG ${dagId}. The form on the page of a DAG creates them.`;
  return "There are no batches yet. Open a DAG from Home to create one.";
}

function refuse(refusal, isRefused, dagId) {
  const sentence = dagId
    ? `Your token does not allow the DAG ${dagId}. Choose another DAG above.`
    : "Your token is for some DAGs only, so it may not list the batches of all. Choose one of its DAGs above.";
  const text = isRefused ? sentence : "";
  // Screen readers would read the same sentence out again.
  if (refusal.textContent !== text) refusal.replaceChildren(...(text ? [element("p", { class: "message" }, text)] : []));
}

async function offerDags(choices, signal) {
  const { dags } = (await get("dags", { signal })).contents;
  choices.replaceChildren(...dags.map((dag) => element("option", { value: dag.dag_id })));
}
