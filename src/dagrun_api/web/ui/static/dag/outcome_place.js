/* The place below the form that says what came of it. What is wrong with one field stands beside the field. */

import { element } from "../shared/elements.js";
import { Failure } from "../app/api.js";
import { showErrors } from "../app/field_errors.js";
import { redraw } from "../app/focus.js";
import * as outcomes from "./outcome.js";
import { refusal } from "./service_words.js";

/** Return what can be said there. Failures that are no answer of the service go to `report`. */
export function outcomePlace({ form, outcome }, report) {
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
  return {
    /** Replace what was said; without anything new, remove it. */
    say,
    hint: (sentence) => say(element("p", { class: "hint" }, sentence)),
    /** Return whether anything was said. */
    hasSaid: () => outcome.childElementCount > 0,
    /** Say what the service refuses: beside its field, or here. */
    refuse(failure) {
      if (!(failure instanceof Failure)) return report(failure);
      const { field, sentence } = refusal(failure.message);
      const input = failure.status < 500 && field !== undefined ? form.elements[field] : undefined;
      if (input === undefined || input.closest("[hidden]")) return say(...outcomes.refused(sentence));
      say();
      showErrors([[input, sentence]]);
    },
  };
}
