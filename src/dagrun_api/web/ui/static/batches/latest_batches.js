/* The newest batches of all DAGs, which are read again while the page is seen. */

import { element } from "../shared/elements.js";
import { link, path } from "../app/addresses.js";
import { get } from "../app/api.js";
import { rest } from "../app/polling.js";
import { reconcile, row, setCells } from "../app/render.js";
import { drawBar } from "../app/state_bar.js";
import { endedOf } from "../app/states.js";
import { figure, identifier, instant } from "../app/values.js";

const SHOWN = 10;
/** A page may be empty, for example below many scheduled runs. */
const MAX_PAGES = 5;

/** Draw the batches until the signal is aborted. A token that is limited to some DAGs may not list them. */
export async function latestBatches({ latest, latest_rows: rows, dags_heading: heading }, signal) {
  for (;;) {
    let batches;
    try {
      batches = await readNewest(signal);
    } catch (failure) {
      if (failure.status === 403) return;
      throw failure;
    }
    const isEmpty = batches.length === 0;
    latest.hidden = isEmpty;
    heading.hidden = isEmpty;
    reconcile(rows, batches, { key: (batch) => `${batch.dag_id} ${batch.prefix}`, create, update });
    await rest(batches.every((batch) => endedOf(batch.states) === batch.total), signal);
  }
}

async function readNewest(signal) {
  const batches = [];
  let start;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await get(path(["batches"], { limit: SHOWN - batches.length, start }), { signal });
    batches.push(...page.contents.batches);
    start = page.next;
    if (batches.length >= SHOWN || start === undefined) break;
  }
  return batches;
}

function create({ prefix, dag_id }) {
  const created = row(element("a", { href: link(["batches", prefix], { dag_id }) }, identifier(prefix)));
  const bar = element("div", { class: "bar", role: "img" });
  setCells(created, [identifier(dag_id), element("div", {}, bar, element("span")), "", ""]);
  return created;
}

function update(item, { states, percent_done, first_execution, last_execution }) {
  const progress = item.cells[2].firstChild;
  drawBar(progress.firstChild, states);
  progress.lastChild.textContent = `${figure(percent_done)}%`;
  setCells(item, [item.cells[1].firstChild, progress, instant(first_execution), instant(last_execution)]);
}
