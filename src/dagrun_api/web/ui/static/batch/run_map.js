/* The map of a batch: a row for each DAG, in it a cell for each run. Colour and form tell the state. */

import { element } from "../shared/elements.js";
import { runLink } from "../app/addresses.js";
import { throttled } from "../app/polling.js";
import { reconcile } from "../app/render.js";
import { knownRuns, MOST_RUNS } from "./known_runs.js";
import { captionOf } from "./map_caption.js";
import { mapKeys } from "./map_keys.js";
import { mapLine } from "./map_line.js";
import { mapRows } from "./map_rows.js";
import { cellsOf, describe, isSame, MOST_DAGS, runsPerCell } from "./run_cells.js";

/** From so many cells or DAGs on cells are small, and the map scrolls. */
const MANY_CELLS = 400;
const MANY_DAGS = 20;
/** While the runs are being read, a row is drawn again when it has grown by this factor. */
const GROWTH = 1.25;

/** Return a function that reads and draws the runs of a batch, given its progress. Failures go to `report`. */
export function runMap(parts, prefix, read, signal, report) {
  const { map, span, pointed } = parts;
  const drawRows = mapRows(parts, prefix, report);
  const runsOf = new Map();
  const drawn = new Map();
  const cellAt = new WeakMap();
  const putInTabOrder = mapKeys(map);
  const showLine = mapLine(pointed);
  let latest;
  let current;

  const point = ({ target }) => {
    const cell = cellAt.get(target);
    if (cell === undefined) return;
    current = target;
    showLine(cell);
  };
  map.addEventListener("pointerover", point);
  map.addEventListener("focusin", point);

  const update = (item, cell) => {
    const target = item.firstChild;
    const old = cellAt.get(target);
    cellAt.set(target, cell);
    if (old !== undefined && isSame(old, cell)) return;
    drawCell(target, cell);
    if (target === current) showLine(cell);
  };
  const drawRuns = (row, dagId) => {
    const { each } = latest;
    const runs = runsOf.get(dagId) ?? [];
    reconcile(row.querySelector(".strip"), cellsOf(runs, each), {
      // The place alone tells cells of several runs apart: a run may come in between.
      key: each === 1 ? ({ run }) => run.id : (cell) => `${each} ${cell.place}`,
      create: () => element("li", {}, element("a", { tabindex: "-1" })),
      update,
    });
    drawn.set(dagId, runs.length);
    putInTabOrder();
  };
  const rowOf = (dagId) => [...map.children].find((row) => row.dataset.key === dagId);
  const known = knownRuns(read, (dagId, runs) => {
    runsOf.set(dagId, runs);
    const before = drawn.get(dagId) ?? 0;
    const row = rowOf(dagId);
    if (row && (runs.length <= before || runs.length >= before * GROWTH)) drawRuns(row, dagId);
    const size = [...runsOf.values()].reduce((sum, each) => sum + each.length, 0);
    span.replaceChildren(...captionOf(latest.progress, latest.each, size));
  });
  const readThem = throttled(
    async () => {
      await known.update();
      for (const row of map.children) {
        const dagId = row.dataset.key;
        if (drawn.get(dagId) !== runsOf.get(dagId)?.length) drawRuns(row, dagId);
      }
    },
    signal,
    report,
  );

  return (progress) => {
    const dags = progress.dags.slice(0, MOST_DAGS);
    const each = runsPerCell(dags.map(({ total }) => total), MOST_RUNS);
    const isNew = latest?.each !== each;
    latest = { progress, each };
    map.classList.toggle("dense", progress.total / each > MANY_CELLS || dags.length > MANY_DAGS);
    drawRows(dags, progress.dags.length > 1);
    if (isNew) for (const row of map.children) drawRuns(row, row.dataset.key);
    known.expect(dags);
    readThem(progress);
  };
}

function drawCell(target, cell) {
  const text = describe(cell);
  target.dataset.state = cell.state;
  target.href = runLink(cell.run);
  target.title = text;
  target.setAttribute("aria-label", text);
}
