/* The outcome of the form: a preview, a refusal, the created runs, or that it is unknown. */

import { element } from "../shared/elements.js";
import { batchLink } from "../app/addresses.js";
import { day, dayRange } from "../app/days.js";
import { canonical } from "../app/prefix.js";
import { headingRow, labelCells, row, warningList } from "../app/render.js";
import { count, figure, identifier, instant, instantOf } from "../app/values.js";
import { PORTION } from "./form_values.js";
import { inFormWords } from "./service_words.js";

const MAX_DATES = 4;
const LIST = new Intl.ListFormat("en-GB");

/** Return the preview of a dry run. `create` gets exactly the same request, `createAll` too if it has more runs. */
export function preview(planned, body, { create, createAll }) {
  const { runs, truncated } = planned;
  const send = () => create(pinned(body, runs));
  if (runs.length === 0) return [title("Nothing would be created"), text(...nothing(planned)), ...details(planned)];
  if (truncated) {
    return [
      title(`More than ${figure(PORTION)} runs would be created`),
      text(`The first ${figure(runs.length)} are for ${datesOf(runs, body)}. ${besides(planned, body)}`),
      text(`They are created in portions of ${PORTION}. You can stop after any portion.`),
      ...warnings(planned),
      buttons(primary("Create all", () => createAll(body)), button(`Create the first ${figure(runs.length)} only`, send)),
      ...details(planned),
      table(runs),
    ];
  }
  return [
    title(`${count(runs.length, "run")} would be created`),
    text([`${datesOf(runs, body)}.`, have(planned.skipped), besides(planned, body)].filter(Boolean).join(" ")),
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

/** Return what was created: a number of runs, of which `answer` tells the last. `next` previews those that are left. */
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

/** Return the outcome of a request without an answer. Its button calls `sendAgain`. */
export const uncertain = (sentence, sendAgain) => [
  title("The runs may or may not have been created"),
  message(sentence),
  text("Either all of them exist or none. It is safe to send again: dates that already have a run are skipped."),
  buttons(primary("Send again", sendAgain)),
];

/** Return how many runs exist, and why not all do, unless the visitor stopped it. `proceed` creates the rest. */
export const partly = (number, body, proceed, sentence = "") => [
  title(sentence ? `Not all runs are created: ${figure(number)} so far` : `Stopped: ${count(number, "run")} created`),
  ...(sentence ? [message(sentence)] : []),
  text("You can continue at any time, also after a reload: dates that already have a run are skipped."),
  buttons(primary("Continue", proceed), ...(number > 0 ? [watch(body, "")] : [])),
];

/** Return that the creation of all runs has not come to its end before a reload. */
export const interrupted = (proceed) => [
  title("Some runs of this range may not exist yet"),
  text("Creating them was stopped, or the page was left meanwhile. Dates that already have a run are skipped."),
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
    if (!end.disabled) sentence.textContent = `${words}, up to ${day(instantOf(last))}.`;
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
  const href = batchLink(canonical(body.prefix), body.dag_id);
  return element("a", { href, class: `button ${look}` }, "Watch the batch");
}

/** Return the days of some runs in words; of a single run, its time as well. A few chosen ones are told one by one. */
function datesOf(runs, { runs: chosen }) {
  const instants = runs.map((run) => instantOf(run.execution_date));
  if (runs.length === 1) return `${day(instants[0])}, ${runs[0].execution_date.slice(11, 19)} UTC`;
  if (chosen && runs.length <= MAX_DATES) return LIST.format(new Set(instants.map(day)));
  return dayRange(instants[0], instants.at(-1));
}

function have(number) {
  if (number === 0) return "";
  return number === 1 ? "1 date already has a run." : `${figure(number)} dates already have a run.`;
}

const nothing = ({ skipped }) =>
  skipped === 0 ? ["The schedule has no date there that is due."] : [have(skipped), " Dates with a run are skipped."];

function besides({ max_active_runs: limit }, { run_backwards }) {
  if (limit === "None") return "";
  const order = run_backwards ? ", the newest first" : "";
  return `At most ${figure(limit)} of them are active at once${order}. Scheduled runs do not wait for them.`;
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
  const datesOfRun = (run) => [run.execution_date, run.data_interval_start, run.data_interval_end, run.run_after];
  const rows = runs.map((run) => row(identifier(run.run_id), datesOfRun(run).map((date) => instant(date))));
  const body = element("tbody", {}, ...rows);
  const caption = element("caption", { class: "visually-hidden" }, "Runs to create; times in UTC");
  const filled = element("table", { class: "runs cards" }, caption, element("thead", {}, headingRow(columns)), body);
  labelCells(body);
  return filled;
}
