/* What came of the form: a preview, a refusal, the created runs, or that it is unknown. */

import { element } from "../shared/elements.js";
import { link } from "../app/addresses.js";
import { dayRange } from "../app/days.js";
import { canonical } from "../app/prefix.js";
import { headingRow, labelCells, row, warningList } from "../app/render.js";
import { count, figure, identifier, instant, instantOf } from "../app/values.js";
import { PORTION } from "./form_values.js";
import { inFormWords } from "./service_words.js";

/** Return the preview of a dry run. `create` gets exactly the same request, `createAll` too if it has more runs. */
export function preview(planned, body, { create, createAll }) {
  const { runs, truncated } = planned;
  const send = () => create(pinned(body, runs));
  if (runs.length === 0) return [title("Nothing would be created"), text(...nothing(planned)), ...details(planned)];
  if (truncated) {
    return [
      title(`More than ${figure(PORTION)} runs would be created`),
      text(`They begin with ${datesOf(runs)}. ${besides(planned, body)}`),
      text(`They are created in portions of ${PORTION}. You can stop after any of them.`),
      ...warnings(planned),
      buttons(primary("Create all", () => createAll(body)), button(`Create the first ${figure(runs.length)} only`, send)),
      ...details(planned),
      table(runs),
    ];
  }
  return [
    title(`${count(runs.length, "run")} would be created`),
    text(`${datesOf(runs)}. ${have(planned.skipped)} ${besides(planned, body)}`),
    ...warnings(planned),
    // The first click replaces the outcome, so that a second click finds no button.
    buttons(primary(`Create ${count(runs.length, "run")}`, send)),
    ...details(planned),
    table(runs),
  ];
}

/** Return the refusal of a request, if no field is wrong. */
export const refused = (sentence) => [message(sentence)];

/** Return the refusal of a limit that nobody has chosen. Its button calls `accept`. */
export const cannotLimit = (sentence, accept) => [
  message(sentence),
  text("Without “Active at once”, ordinary runs are created."),
  buttons(button("Preview without a limit", accept)),
];

/** Return how many runs are created, or that there are at least so many. */
export const created = (number, isLeast) => `${isLeast ? "At least " : ""}${count(number, "run")} created`;

/** Return the created runs, of which there may be more than one answer tells. `next` previews those that are left. */
export function result(answer, number, body, next, isLeast = false) {
  return [
    title(created(number, isLeast)),
    ...(answer.skipped > 0 && number === 0 ? [text(have(answer.skipped))] : []),
    ...warnings(answer),
    buttons(watch(body), ...(answer.truncated ? [button(`Preview the next ${PORTION}`, next)] : [])),
    ...(answer.truncated ? [text("The range has more runs.")] : []),
    ...details(answer),
  ];
}

/** Return that the outcome is unknown. A button calls `sendAgain`. */
export const uncertain = (sentence, sendAgain) => [
  title("The runs may or may not have been created"),
  message(sentence),
  text("Either all of them exist or none. It is safe to send again: dates that already have a run are skipped."),
  buttons(primary("Send again", sendAgain)),
];

/** Return that only a part of all runs is created, and why, if it was not the visitor. `proceed` creates the rest. */
export const partly = (number, body, proceed, sentence = "") => [
  title(sentence ? `Not all runs are created: ${figure(number)} so far` : `Stopped: ${count(number, "run")} created`),
  ...(sentence ? [message(sentence)] : []),
  text("You can continue at any time, also after a reload: dates that have a run are skipped."),
  buttons(primary("Continue", proceed), ...(number > 0 ? [watch(body, "")] : [])),
];

/** Return that the creation of all runs has not come to its end before a reload. */
export const interrupted = (proceed) => [
  title("Not all runs of this range may be created yet"),
  text("Creating them was stopped, or the page was left meanwhile. Dates that have a run are skipped."),
  buttons(primary("Continue", proceed)),
];

/** Return the progress of creating all runs, and the function that writes it. `stop` ends it after the next portion. */
export function progress(stop) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": "Created so far" });
  const sentence = element("p", {}, "Creating the first runs…");
  const end = button("Stop", () => {
    end.disabled = true;
    sentence.textContent = "Stopping after this portion…";
    stop();
  });
  const update = (words, last, share) => {
    bar.value = share;
    if (!end.disabled) sentence.textContent = `${words}, up to ${dayRange(instantOf(last), instantOf(last))}.`;
  };
  return [[title("Creating all runs"), bar, sentence, buttons(end)], update];
}

/** Return the request for exactly these runs. One without dates means now, which is pinned to the moment shown. */
function pinned(body, runs) {
  if (body.start_date !== undefined || body.runs !== undefined || runs.length !== 1) return body;
  const moment = runs[0].execution_date.replace(" ", "T");
  return { ...body, start_date: moment, end_date: moment };
}

const title = (words) => element("h3", { tabindex: "-1" }, words);
const text = (...children) => element("p", {}, ...children);
const message = (sentence) => element("p", { role: "alert", class: "message" }, inFormWords(sentence));
const buttons = (...children) => element("p", { class: "buttons" }, ...children);
const button = (words, click, attributes = {}) => element("button", { type: "button", click, ...attributes }, words);
const primary = (words, click) => button(words, click, { class: "primary" });
const warnings = (answer) => warningList(answer.warnings.map(inFormWords));

function watch(body, look = "primary") {
  const prefix = canonical(body.prefix);
  const address = link(["batches", prefix], { dag_id: body.dag_id });
  return element("a", { href: address, class: `button ${look}` }, "Watch the batch ", identifier(prefix));
}

/** Return the days of some runs in words; of a single run, its time as well. */
function datesOf(runs) {
  const [first, last] = [runs[0], runs.at(-1)].map((run) => instantOf(run.execution_date));
  const time = runs.length === 1 ? `, ${runs[0].execution_date.slice(11, 19)} UTC` : "";
  return `${dayRange(first, last)}${time}`;
}

const have = (number) =>
  number === 1 ? "1 date has a run already." : `${figure(number)} dates have a run already.`;

const nothing = ({ skipped }) =>
  skipped === 0 ? ["The schedule has no date there that is due."] : [have(skipped), " Dates with a run are skipped."];

function besides({ max_active_runs: limit }, { run_backwards }) {
  if (limit === "None") return "";
  return `The schedule goes on beside them: at most ${figure(limit)} are active at once${run_backwards ? ", the newest first" : ""}.`;
}

function details({ skipped: number, skipped_dag_run_ids: ids }) {
  if (number === 0) return [];
  const items = ids.map((id) => element("li", {}, identifier(id)));
  const shown = number > ids.length ? `Show the first ${ids.length} runs that exist` : "Show the runs that exist";
  return [element("details", {}, element("summary", {}, shown), element("ul", { class: "ids" }, ...items))];
}

/** Return the table of the runs, folded: it is drawn when it is opened. */
function table(runs) {
  const inside = element("div", { class: "scroll long", tabindex: "0", role: "region", "aria-label": "Runs to create" });
  const summary = element("summary", {}, runs.length === 1 ? "Show the run" : `Show the ${figure(runs.length)} runs`);
  const folded = element("details", {}, summary, inside);
  folded.addEventListener("toggle", () => inside.append(drawn(runs)), { once: true });
  return folded;
}

function drawn(runs) {
  const columns = ["Run", "Execution date", "Data interval start", "Data interval end", "Run after"];
  const rows = runs.map(({ run_id, ...dates }) =>
    row(
      identifier(run_id),
      [dates.execution_date, dates.data_interval_start, dates.data_interval_end, dates.run_after].map((date) => instant(date)),
    ),
  );
  const body = element("tbody", {}, ...rows);
  const caption = element("caption", { class: "visually-hidden" }, "Runs to create; times in UTC");
  const filled = element("table", { class: "runs cards" }, caption, element("thead", {}, headingRow(columns)), body);
  labelCells(body);
  return filled;
}
