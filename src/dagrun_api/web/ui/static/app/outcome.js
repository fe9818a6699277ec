/* What comes of a request for runs: what would be created, what was, and what is not known. */

import { joined, link } from "./addresses.js";
import { count, element, figure, instant, named } from "../shared/elements.js";

const title = (text) => element("h3", { tabindex: "-1" }, text);
const paragraph = (...children) => element("p", {}, ...children);
const button = (text, click, more = {}) =>
  element("p", { class: "buttons" }, element("button", { type: "button", click, ...more }, text));

/** Return what a dry run says, with the button that calls `create` with exactly that request. */
export function preview(planned, body, create) {
  const { runs } = planned;
  const first = runs[0];
  const last = runs.at(-1);
  // A run at this moment: let it be the moment that was shown. Then it can be sent again, too.
  const isNow = body.start_date === undefined && body.end_date === undefined && runs.length === 1;
  const moment = isNow ? first.execution_date.replace(" ", "T") : undefined;
  const exact = isNow ? { ...body, start_date: moment, end_date: moment } : body;
  if (runs.length === 0) {
    return [title("Nothing would be created"), ...skipped(planned), ...warnings(planned)];
  }
  const dates =
    runs.length === 1
      ? [instant(first.execution_date)]
      : [instant(first.execution_date), " to ", instant(last.execution_date)];
  return [
    title(`${count(runs.length, "run")} would be created`),
    paragraph("For ", ...dates, " UTC. Nothing is created yet."),
    ...skipped(planned),
    ...(planned.truncated
      ? [paragraph("The window holds more: these are the earliest. When they are there, you can go on with the next.")]
      : []),
    ...warnings(planned),
    // A second click finds it gone.
    button(`Create ${count(runs.length, "run")}`, () => create(exact), { class: "main" }),
    table(runs),
  ];
}

/** Return the refusal of a window with more runs than the limit, and the offer of those that fit. */
export function tooMany(sentence, planned, offer) {
  return [
    element("p", { role: "alert", class: "message" }, sentence),
    paragraph(
      `With “Partial” the earliest ${count(planned.runs.length, "run")} are created; then you can go on with the next.`,
    ),
    button(`Preview the earliest ${figure(planned.runs.length)}`, offer),
  ];
}

/** Return what was created; where more are left, the button that calls `goOn`. */
export function result(created, body, goOn) {
  const ids = created.dag_run_ids;
  const address = link(["batches", joined(body.prefix ?? "manual_")], { dag_id: body.dag_id });
  return [
    title(`${count(ids.length, "run")} created`),
    ...(ids.length ? [paragraph(named(ids[0]), ...(ids.length > 1 ? [" to ", named(ids.at(-1))] : []))] : []),
    ...skipped(created),
    ...warnings(created),
    paragraph(element("a", { href: address }, "Follow the batch ", named(joined(body.prefix ?? "manual_")))),
    ...(created.truncated
      ? [paragraph("The window holds more."), button(`Preview the next ${body.limit ?? 500}`, goOn, { class: "main" })]
      : []),
  ];
}

/** Return that no answer came, with the button that sends it again. */
export function uncertain(sentence, again) {
  return [
    title("Whether the runs were created is not known"),
    element("p", { role: "alert", class: "message" }, sentence),
    paragraph("They are all there, or none of them. Sending it again is safe: dates that have a run are skipped."),
    button("Send it again", again, { class: "main" }),
  ];
}

function skipped({ skipped: number, skipped_dag_run_ids: ids }) {
  if (number === 0) return [];
  const items = ids.map((id) => element("li", {}, named(id)));
  const told = number > ids.length ? `; the first ${ids.length} of them` : "";
  const those =
    number === 1 ? "1 date has a run already, and is" : `${count(number, "date")} have a run already, and are`;
  const summary = `${those} skipped${told}`;
  return [element("details", {}, element("summary", {}, summary), element("ul", { class: "ids" }, ...items))];
}

function warnings({ warnings: sentences }) {
  if (sentences.length === 0) return [];
  return [
    element("ul", { class: "warnings", "aria-label": "Warnings" }, ...sentences.map((each) => element("li", {}, each))),
  ];
}

function table(runs) {
  const columns = ["Run", "Execution date", "Data from", "Data to", "May run from"];
  const row = (run) =>
    [run.execution_date, run.data_interval_start, run.data_interval_end, run.run_after].map((each) =>
      element("td", {}, instant(each)),
    );
  return element(
    "div",
    { class: "scroll long", tabindex: "0", role: "region", "aria-label": "The runs" },
    element(
      "table",
      { class: "runs" },
      element("caption", {}, "The runs that would be created; times are UTC"),
      element("thead", {}, element("tr", {}, ...columns.map((each) => element("th", { scope: "col" }, each)))),
      element(
        "tbody",
        {},
        ...runs.map((run) => element("tr", {}, element("th", { scope: "row" }, named(run.run_id)), ...row(run))),
      ),
    ),
  );
}
