/* The newest batches of a DAG, which are read again while the page is seen. */

import { element } from "../shared/elements.js";
import { batchLink, link } from "../app/addresses.js";
import { rest } from "../app/polling.js";
import { labelCells, reconcile, row, setCells } from "../app/render.js";
import { drawBar } from "../app/state_bar.js";
import { hasEnded } from "../app/states.js";
import { ago, figure, identifier } from "../app/values.js";
import { readBatches } from "../batches/batch_pages.js";

const SHOWN = 5;

/** Draw the batches of a DAG until the signal is aborted. Calls `moved` when their runs have changed. */
export async function dagBatches(
  { batch_table: table, batch_rows: rows, no_batches: none, all_batches: all },
  dagId,
  { signal, moved },
) {
  all.href = link(["batches"], { dag_id: dagId });
  let known;
  for (;;) {
    const { batches, next } = await readBatches({ dagId, size: SHOWN }, signal);
    none.hidden = batches.length > 0;
    none.textContent = "None yet. Runs that you create together are a batch.";
    table.hidden = batches.length === 0;
    all.parentElement.hidden = next === undefined;
    reconcile(rows, batches, { key: (batch) => batch.prefix, create, update });
    labelCells(rows);
    const states = JSON.stringify(batches.map((batch) => batch.states));
    if (known !== undefined && states !== known) moved();
    known = states;
    await rest(batches.every(hasEnded), signal);
  }
}

function create({ prefix, dag_id }) {
  const created = row(element("a", { href: batchLink(prefix, dag_id) }, identifier(prefix)));
  const bar = element("div", { class: "bar", role: "img" });
  setCells(created, ["", element("div", { class: "batch-progress" }, bar, element("span")), ""]);
  return created;
}

function update(item, batch) {
  const { states, total, percent_done, first_queued, is_paused } = batch;
  const progress = item.cells[2].firstChild;
  drawBar(progress.firstChild, states);
  const percent = `${figure(percent_done)}%${is_paused === true ? ", paused" : ""}`;
  progress.lastChild.textContent = hasEnded(batch) ? "ended" : percent;
  setCells(item, [figure(total), progress, first_queued === "None" ? "–" : ago(first_queued)]);
}
