/* The form that creates runs. Its values are kept, checked and previewed; exactly what was previewed is created. */

import { element } from "../shared/elements.js";
import { keep } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { Failure, post } from "../app/api.js";
import { clearErrors, setError, showErrors } from "../app/field_errors.js";
import { redraw } from "../app/focus.js";
import { unique } from "../app/prefix.js";
import { count, figure, instantOf } from "../app/values.js";
import { creating } from "./creating.js";
import { remember, restore } from "./form_address.js";
import { mistakes } from "./form_checks.js";
import { prepare, showParts } from "./form_parts.js";
import { PORTION, requestOf, valuesOf, windowOf } from "./form_values.js";
import { jsonMistake } from "./json_mistake.js";
import { localTimes } from "./local_times.js";
import * as outcomes from "./outcome.js";
import { rangeChips } from "./range_chips.js";
import { refusal } from "./service_words.js";

/** How long the visitor must have stopped typing, in milliseconds, before conf is checked. */
const PAUSE = 400;

/** Let the form preview and create runs of a DAG, and the map show them. Call `created` after runs were created. */
export function createForm(parts, dag, { about, query, map, signal, report, created }) {
  const { form, fields, outcome } = parts;
  const { elements } = form;
  const dagId = dag.dag_id;
  // Aborts the latest dry run, whose answer is not wanted after a change.
  let latest = new AbortController();
  let dates = [];
  let typing;

  const values = () => valuesOf(form, dates);
  const say = (...children) => {
    redraw(outcome, () => outcome.replaceChildren(...children), outcome);
    const title = outcome.querySelector("h3");
    // Once all is created, the way to the batch is the next step.
    const next = outcome.querySelector("a.primary") ?? title;
    next?.focus({ preventScroll: true });
    // What to do next must be seen, and the title above it.
    outcome.querySelector(".buttons")?.scrollIntoView({ block: "nearest" });
    title?.scrollIntoView({ block: "nearest" });
  };
  const hint = (sentence) => say(element("p", { class: "hint" }, sentence));

  /** Show the form as it is: its parts, the local times, and its dates in the map. */
  const show = () => {
    const shown = values();
    showParts(parts, shown);
    showLocal(shown);
    const window = windowOf(shown);
    const isWindow = shown.kind === "range" && !window.some(Number.isNaN);
    if (isWindow) map.mark({ window });
    else map.mark({ instants: shown.kind === "chosen" ? dates.map(instantOf) : [] });
  };
  const changed = () => {
    latest.abort();
    map.plan([]);
    show();
    remember(values(), form, dagId);
    // What was left to create was that of another range.
    keep({ creating: "" });
    if (outcome.childElementCount) hint("The form has changed. Preview it again.");
  };

  /** Return the answer to a dry run; throws an AbortError when another one starts. */
  const rehearse = (body) => {
    latest.abort();
    latest = new AbortController();
    return post("dag_runs", { ...body, dry_run: true }, AbortSignal.any([signal, latest.signal]));
  };

  const showPreview = async (body) => {
    hint("Loading the preview…");
    try {
      const planned = await rehearse(body);
      say(...outcomes.preview(planned, body, { create, createAll }));
      map.plan(planned.runs.map((run) => instantOf(run.execution_date)));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      if (!(await offersNoLimit(body, failure))) refuse(failure);
    }
  };

  /** Say what is refused: beside its field, or below the form. */
  const refuse = (failure) => {
    if (!(failure instanceof Failure)) return report(failure);
    const { field, sentence } = refusal(failure.message);
    const input = failure.status < 500 && field !== undefined ? elements[field] : undefined;
    if (input === undefined || input.closest("[hidden]")) return say(...outcomes.refused(sentence));
    say();
    showErrors([[input, sentence]]);
  };

  /** Offer runs without a limit that nobody has chosen, if the service accepts these; return whether it does. */
  const offersNoLimit = async (body, failure) => {
    const { max_active_runs: limit, ...unlimited } = body;
    if (![400, 409].includes(failure.status) || limit === undefined || limit !== elements.limit.defaultValue) return false;
    try {
      await rehearse(unlimited);
    } catch {
      return latest.signal.aborted || signal.aborted;
    }
    const accept = () => {
      elements.limit.value = "";
      changed();
      showPreview(unlimited);
    };
    say(...outcomes.cannotLimit(refusal(failure.message).sentence, accept));
    return true;
  };

  const { create, createAll } = creating({
    fields,
    signal,
    say,
    refuse,
    showPreview: (body) => showPreview(body),
    finished: () => {
      // The next runs are another batch, unless its name was chosen.
      if (elements.name.value === elements.name.defaultValue) elements.name.defaultValue = unique(dagId, new Date());
      map.plan([]);
      created();
    },
    created,
    report,
  });

  const send = () => {
    clearTimeout(typing);
    clearErrors(form);
    const wanted = values();
    const wrong = mistakes(wanted, dag).map(([field, sentence]) => [fieldOf(elements, field), sentence]);
    remember(wanted, form, dagId);
    if (wrong.length === 0) return showPreview(requestOf(wanted, dagId, dag.start_date));
    if (outcome.childElementCount) say();
    showErrors(wrong);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("input", ({ target }) => {
    setError(target);
    if (target.name === "kind") clearErrors(form);
    if (target === elements.conf) {
      clearTimeout(typing);
      typing = setTimeout(() => setError(target, jsonMistake(target.value)), PAUSE);
    }
    changed();
  });
  parts.clear.addEventListener("click", () => {
    dates = [];
    changed();
    elements["kind-chosen"].focus();
  });

  // While runs are created, the form stays as it is, and the map shows it.
  const setRange = (from, to) => {
    if (fields.disabled) return show();
    clearErrors(form);
    elements.kind.value = "range";
    [elements.from.value, elements.from_time.value] = [from.slice(0, 10), from.slice(11)];
    [elements.to.value, elements.to_time.value] = [to.slice(0, 10), to.slice(11)];
    elements.exact.checked = from.length > 10;
    changed();
  };

  /** Choose single dates, the earliest if they are more than one request can have. */
  const setDates = (chosen) => {
    if (fields.disabled) return show();
    clearErrors(form);
    elements.kind.value = "chosen";
    dates = chosen.sort().slice(0, PORTION);
    changed();
    if (chosen.length > PORTION) {
      hint(`Only the first ${PORTION} of these ${figure(chosen.length)} dates are chosen: a request has no room for more.`);
    }
  };

  prepare(parts, dag, about);
  const showLocal = localTimes(parts, dag.timezone);
  rangeChips(parts.chips, dag, map.missing, setRange);
  dates = restore(form, query, dagId);
  parts.conf.open = elements.conf.value !== "";
  show();
  if (query.get("creating") === "all") say(...outcomes.interrupted(send));

  return {
    /** Return whether single dates are being chosen. */
    choosesSingle: () => elements.kind.value === "chosen",
    setRange,
    setDates,
    /** Add the missing dates of a cell to the chosen ones, or leave them out; `before` are those selected until now. */
    toggleDates(ofCell, before) {
      const chosen = new Set(elements.kind.value === "chosen" ? dates : before);
      const isChosen = ofCell.some((date) => chosen.has(date));
      for (const date of ofCell) {
        if (isChosen) chosen.delete(date);
        else chosen.add(date);
      }
      setDates([...chosen]);
      announce(`${count(dates.length, "chosen date")}.`);
    },
  };
}

/** Return the field with a name; of several radio buttons, the checked one. */
function fieldOf(elements, name) {
  return name === "kind" ? document.getElementById(`kind-${elements.kind.value}`) : elements[name];
}
