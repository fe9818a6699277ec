/* The form that creates runs. Its values are kept, checked and previewed; exactly what was previewed is created. */

import { keep } from "../app/addresses.js";
import { announce } from "../app/announce.js";
import { clearErrors, setError, showErrors } from "../app/field_errors.js";
import { unique } from "../app/prefix.js";
import { count, figure, instantOf } from "../app/values.js";
import { creating } from "./creating.js";
import { remember, restore } from "./form_address.js";
import { mistakes } from "./form_checks.js";
import { prepare, showParts } from "./form_parts.js";
import { PORTION, requestOf, valuesOf, windowOf } from "./form_values.js";
import { jsonMistake } from "./json_mistake.js";
import { localTimes } from "./local_times.js";
import { interrupted } from "./outcome.js";
import { outcomePlace } from "./outcome_place.js";
import { previewing } from "./previewing.js";
import { rangeChips } from "./range_chips.js";

/** How long the visitor must have stopped typing, in milliseconds, before conf is checked. */
const PAUSE = 400;

/** Let the form preview and create runs of a DAG, and the map show them. Call `created` after runs were created. */
export function createForm(parts, dag, { about, query, map, signal, report, created }) {
  const { form, fields } = parts;
  const { elements } = form;
  const dagId = dag.dag_id;
  let dates = [];
  let typing;

  const values = () => valuesOf(form, dates);
  const place = outcomePlace(parts, report);

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
    drop();
    map.plan([]);
    show();
    remember(values(), form, dagId);
    // What was left to create was that of another range.
    keep({ creating: "" });
    if (place.hasSaid()) place.hint("The form has changed. Preview it again.");
  };

  const { create, createAll } = creating({
    fields,
    place,
    signal,
    preview: (body) => preview(body),
    finished: () => {
      // The next runs are another batch, unless its name was chosen.
      if (elements.name.value === elements.name.defaultValue) elements.name.defaultValue = unique(dagId, new Date());
      map.plan([]);
      created();
    },
    created,
    report,
  });
  const { preview, drop } = previewing({
    place,
    map,
    signal,
    create,
    createAll,
    usualLimit: () => elements.limit.defaultValue,
    removeLimit: () => {
      elements.limit.value = "";
      changed();
    },
  });

  const send = () => {
    clearTimeout(typing);
    clearErrors(form);
    const wanted = values();
    const wrong = mistakes(wanted, dag).map(([field, sentence]) => [fieldOf(elements, field), sentence]);
    remember(wanted, form, dagId);
    if (wrong.length === 0) return preview(requestOf(wanted, dagId, dag.start_date));
    if (place.hasSaid()) place.say();
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
    const most = `the first ${PORTION} of these ${figure(chosen.length)} dates`;
    if (chosen.length > PORTION) place.hint(`Only ${most} are chosen: a request has no room for more.`);
  };

  prepare(parts, dag, about);
  const showLocal = localTimes(parts, dag.timezone);
  rangeChips(parts.chips, dag, map.missing, setRange);
  dates = restore(form, query, dagId);
  parts.conf.open = elements.conf.value !== "";
  show();
  if (query.get("creating") === "all") place.say(...interrupted(send));

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
