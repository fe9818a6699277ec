/* The outcome of a request for runs: a preview, a refusal, the created runs, or that it is unknown. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { canonical } from "../app/prefix.js";
import { headingRow, row, warningList } from "../app/render.js";
import { count, figure, identifier, instant } from "../app/values.js";

// What the API takes for a field that is left empty.
const DEFAULT_PREFIX = "manual_";
const DEFAULT_LIMIT = 500;

/** Return the preview of a dry run. Its button calls `create` with the same request. */
export function preview(planned, body, create) {
  const { runs } = planned;
  if (runs.length === 0) return [title("Nothing would be created"), ...skipped(planned), ...warningList(planned.warnings)];
  const first = instant(runs[0].execution_date);
  const dates = runs.length === 1 ? [first] : [first, " to ", instant(runs.at(-1).execution_date)];
  const more = "The window has more runs than the limit. These are the earliest; create them, then preview the next.";
  return [
    title(`${count(runs.length, "run")} would be created`),
    paragraph("For ", ...dates, ` UTC${pace(planned, body)}. Nothing has been created yet.`),
    ...skipped(planned),
    ...(planned.truncated ? [paragraph(more)] : []),
    ...warningList(planned.warnings),
    // The first click replaces the outcome, so that a second click finds no button.
    button(`Create ${count(runs.length, "run")}`, () => create(pinned(body, runs)), { class: "primary" }),
    table(runs),
  ];
}

/** Return the refusal of a window that has more runs than the limit. Its button calls `accept`. */
export function tooMany(sentence, planned, accept) {
  const number = planned.runs.length;
  return [
    message(sentence),
    paragraph(`With “Partial”, the earliest ${count(number, "run")} are created. You can then create the next ones.`),
    button(`Preview the earliest ${figure(number)}`, accept),
  ];
}

/** Return the refusal of a limit. Its button calls `accept`. */
export function cannotLimit(sentence, accept) {
  return [
    message(sentence),
    paragraph("Without “Max active runs”, ordinary runs are created."),
    button("Preview without a limit", accept),
  ];
}

/** Return the created runs. If the window has more, a button calls `previewNext`. */
export function result(created, body, previewNext) {
  const ids = created.dag_run_ids;
  const prefix = canonical(body.prefix ?? DEFAULT_PREFIX);
  const address = link(["batches", prefix], { dag_id: body.dag_id });
  return [
    title(`${count(ids.length, "run")} created`),
    ...range(ids),
    ...skipped(created),
    ...warningList(created.warnings),
    paragraph(element("a", { href: address }, "Follow the batch ", identifier(prefix))),
    ...(created.truncated
      ? [
          paragraph("The window has more runs."),
          button(`Preview the next ${body.limit ?? DEFAULT_LIMIT}`, previewNext, { class: "primary" }),
        ]
      : []),
  ];
}

/** Return that the outcome is unknown. A button calls `sendAgain`. */
export function uncertain(sentence, sendAgain) {
  return [
    title("The runs may or may not have been created"),
    message(sentence),
    paragraph("Either all of them exist or none. It is safe to send again: dates that already have a run are skipped."),
    button("Send again", sendAgain, { class: "primary" }),
  ];
}

/** Return the request for exactly these runs. One without dates means now, which is pinned to the moment shown. */
function pinned(body, runs) {
  if (body.start_date !== undefined || body.end_date !== undefined || runs.length !== 1) return body;
  const moment = runs[0].execution_date.replace(" ", "T");
  return { ...body, start_date: moment, end_date: moment };
}

const title = (text) => element("h3", { tabindex: "-1" }, text);
const paragraph = (...children) => element("p", {}, ...children);
const message = (sentence) => element("p", { role: "alert", class: "message" }, sentence);
const button = (text, click, attributes = {}) =>
  element("p", { class: "buttons" }, element("button", { type: "button", click, ...attributes }, text));

function pace({ max_active_runs: limit }, { run_backwards }) {
  if (limit === "None") return "";
  return `, at most ${figure(limit)} at once${run_backwards ? ", the newest first" : ""}`;
}

function range(ids) {
  if (ids.length === 0) return [];
  const last = ids.length > 1 ? [" to ", identifier(ids.at(-1))] : [];
  return [paragraph(identifier(ids[0]), ...last)];
}

function skipped({ skipped: number, skipped_dag_run_ids: ids }) {
  if (number === 0) return [];
  const dates = number === 1 ? "1 date already has a run and is" : `${figure(number)} dates already have a run and are`;
  const shown = number > ids.length ? ` (the first ${ids.length} are listed)` : "";
  const items = ids.map((id) => element("li", {}, identifier(id)));
  const list = element("ul", { class: "ids" }, ...items);
  return [element("details", {}, element("summary", {}, `${dates} skipped${shown}`), list)];
}

function table(runs) {
  const columns = ["Run", "Execution date", "Data interval start", "Data interval end", "Run after"];
  const rows = runs.map((run) =>
    row(identifier(run.run_id), [
      instant(run.execution_date),
      instant(run.data_interval_start),
      instant(run.data_interval_end),
      instant(run.run_after),
    ]),
  );
  return element(
    "div",
    { class: "scroll long", tabindex: "0", role: "region", "aria-label": "Runs to create" },
    element(
      "table",
      { class: "runs" },
      element("caption", {}, "Runs to create (times in UTC)"),
      element("thead", {}, headingRow(columns)),
      element("tbody", {}, ...rows),
    ),
  );
}
