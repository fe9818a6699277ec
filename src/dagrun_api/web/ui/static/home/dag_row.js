/* The row of a DAG: what it is, when it runs next, how its last runs went, and its switch. */

import { element } from "../shared/elements.js";
import { dagLink, runLink } from "../app/addresses.js";
import { pauseSwitch } from "../app/pause_switch.js";
import { row } from "../app/render.js";
import { inWords } from "../app/schedule_words.js";
import { identifier, instant, relative, stateLabel } from "../app/values.js";
import { nextRun } from "./dag_order.js";

/** Return the row of a DAG, and the function that draws it when the DAG was read again. Its switch fails to `report`. */
export function dagRow(dag, report) {
  const heading = twoLines(element("a", { href: dagLink(dag.dag_id) }, identifier(dag.dag_id)), fileOf(dag));
  const item = row(heading, [scheduleOf(dag), "", "", ""]);
  let shown;
  const update = () => {
    item.classList.toggle("paused", !dag.is_active);
    const next = nextRunOf(dag);
    // Of a thousand rows, few have another text after a minute.
    if (next.textContent !== shown) item.cells[2].replaceChildren(next);
    shown = next.textContent;
  };
  const [box, drawSwitch] = pauseSwitch(dag, report, update);
  item.append(element("td", {}, box));
  return [item, drawSwitch];
}

/** Return the cell for the marks of the last runs. */
export const marksCell = (item) => item.cells[4];

/** Write the last run into the row of its DAG; of a run that is not read yet, the date alone is known. */
export function drawLastRun(item, run) {
  const cell = item.cells[3];
  const hadFocus = cell.contains(document.activeElement);
  const date = instant(run.execution_date, run.run_id === undefined ? "never" : identifier(run.run_id));
  if (run.run_id === undefined) cell.replaceChildren(twoLines(date));
  else cell.replaceChildren(twoLines(element("a", { href: runLink(run) }, date), stateLabel(run.state)));
  if (hadFocus) cell.querySelector("a").focus();
}

function fileOf({ full_path: file }) {
  return file === "None" ? "" : identifier(file);
}

function scheduleOf({ schedule = "None", timezone = "None" }) {
  if (schedule === "None") return element("span", { class: "hint" }, "no schedule");
  const written = element("code", {}, schedule);
  const words = inWords(schedule);
  if (words === undefined) return twoLines(written);
  const zone = ["None", "UTC"].includes(timezone) ? "" : `, ${timezone}`;
  return twoLines(words + zone, written);
}

function nextRunOf(dag) {
  const date = nextRun(dag);
  if (date === undefined) return twoLines("–");
  const distance = relative(date);
  return twoLines(instant(date), distance.endsWith("ago") ? `due ${distance}` : distance);
}

/** Return a value above a smaller one, as one element: in a card it stands beside the heading of its column. */
const twoLines = (first, second = "") =>
  element("div", {}, element("div", {}, first), ...(second === "" ? [] : [element("small", {}, second)]));
