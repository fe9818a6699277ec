/* The newest batches of a DAG, which are read again while the page is seen. */

import { element } from "../shared/elements.js";
import { link, path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { rest } from "../app/polling.js";
import { labelCells, reconcile, row, setCells } from "../app/render.js";
import { drawBar } from "../app/state_bar.js";
import { endedOf } from "../app/states.js";
import { figure, identifier, relative } from "../app/values.js";

const SHOWN = 5;
/** A page may be empty, for example below many scheduled runs. */
const MAX_PAGES = 3;

/** Draw the batches of a DAG until the signal is aborted. */
export async function dagBatches({ batch_table: table, batch_rows: rows, no_batches: none }, dagId, signal) {
  for (;;) {
    const batches = await readNewest(dagId, signal);
    none.hidden = batches.length > 0;
    none.textContent = "None yet. Runs that you create together are a batch.";
    table.hidden = batches.length === 0;
    reconcile(rows, batches, { key: (batch) => batch.prefix, create, update });
    labelCells(rows);
    await rest(batches.every((batch) => endedOf(batch.states) === batch.total), signal);
  }
}

async function readNewest(dag_id, signal) {
  const batches = [];
  let start;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await get(path(["batches"], { dag_id, limit: SHOWN - batches.length, start }), { signal });
    batches.push(...page.contents.batches);
    start = page.next;
    if (batches.length >= SHOWN || start === undefined) break;
  }
  return batches;
}

function create({ prefix, dag_id }) {
  const created = row(element("a", { href: link(["batches", prefix], { dag_id }) }, identifier(prefix)));
  const bar = element("div", { class: "bar", role: "img" });
  setCells(created, ["", element("div", { class: "batch-progress" }, bar, element("span")), ""]);
  return created;
}

function update(item, { states, total, percent_done, first_queued, is_paused }) {
  const progress = item.cells[2].firstChild;
  const isOver = endedOf(states) === total;
  drawBar(progress.firstChild, states);
  progress.lastChild.textContent = isOver ? "ended" : `${figure(percent_done)}%${is_paused === true ? ", paused" : ""}`;
  setCells(item, [figure(total), progress, first_queued === "None" ? "–" : relative(first_queued)]);
}
