/* The strip: a cell for each run of a batch, by execution date. Colour and form tell the state. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { reconcile } from "../app/render.js";
import { figure, identifier, instant, stateLabel } from "../app/values.js";

const MAX_CELLS = 2000;

/**
 * Return a function that reads the runs of a batch, given its progress, and draws them.
 *
 * One cell is in the tab order. The arrow keys, Home and End move to the others.
 */
export function runStrip({ strip, span, pointed }, read) {
  const runOf = new WeakMap();
  const describe = (cell) => {
    const run = runOf.get(cell);
    if (run === undefined) return;
    const ids = [identifier(run.run_id), " of ", identifier(run.dag_id)];
    pointed.replaceChildren(instant(run.execution_date), " ", stateLabel(run.state), " ", element("span", {}, ...ids));
  };
  const draw = (runs) => {
    reconcile(strip, runs, {
      key: (run) => run.id,
      create: createCell,
      update: (item, run) => {
        runOf.set(item.firstChild, run);
        updateCell(item.firstChild, run);
      },
    });
    if (strip.querySelector("[tabindex='0']") === null) putInTabOrder(strip, strip.querySelector("a"));
  };

  strip.addEventListener("pointerover", (event) => describe(event.target));
  strip.addEventListener("focusin", (event) => {
    describe(event.target);
    putInTabOrder(strip, event.target);
  });
  strip.addEventListener("keydown", (event) => moveFocus(strip, event));

  return async ({ dags, total }) => {
    const runs = await readByDate(dags, read);
    draw(runs);
    if (runs.length > 0) span.replaceChildren(...caption(runs, total));
  };
}

async function readByDate(dags, read) {
  const runs = [];
  for (const { dag_id: dagId } of dags) {
    if (runs.length < MAX_CELLS) runs.push(...(await read({ dagId, size: MAX_CELLS - runs.length })).runs);
  }
  const key = (run) => run.execution_date + run.dag_id + run.run_id;
  return runs.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function createCell(run) {
  const href = link(["runs", run.run_id], { dag_id: run.dag_id });
  return element("li", {}, element("a", { href, tabindex: "-1" }));
}

function updateCell(cell, run) {
  const text = `${run.execution_date} UTC, ${run.state}, ${run.run_id} of ${run.dag_id}`;
  cell.dataset.state = run.state;
  cell.title = text;
  cell.setAttribute("aria-label", text);
}

function caption(runs, total) {
  const dates = [instant(runs[0].execution_date), " to ", instant(runs.at(-1).execution_date)];
  const sentences = [...dates, " UTC. One cell per run; use the arrow keys."];
  if (total > runs.length) {
    sentences.push(
      ` Only the ${figure(runs.length)} runs created first are shown here; the table below has all ${figure(total)}.`,
    );
  }
  return sentences;
}

function putInTabOrder(strip, cell) {
  strip.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  cell?.setAttribute("tabindex", "0");
}

function moveFocus(strip, event) {
  const step = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: cellsPerLine(strip),
    ArrowUp: -cellsPerLine(strip),
    Home: -Infinity,
    End: Infinity,
  }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = [...strip.children];
  const place = items.indexOf(event.target.parentElement) + step;
  items[Math.max(0, Math.min(place, items.length - 1))].firstChild.focus();
}

function cellsPerLine(strip) {
  const tops = [...strip.children].map((item) => item.offsetTop);
  const second = tops.findIndex((top) => top !== tops[0]);
  return second === -1 ? tops.length : second;
}
