/* Sentences about wrong values, each beside its field. */

import { element } from "../shared/elements.js";

/** Show a sentence about a field beside it, and mark the field as wrong; an empty sentence undoes both. */
export function setError(field, sentence = "") {
  const id = `${field.id}-error`;
  let place = document.getElementById(id);
  if (sentence === "" && place === null) return;
  if (place === null) {
    place = element("small", { id, class: "error" });
    field.closest(".field, fieldset").append(place);
  }
  place.textContent = sentence;
  // In a folded part nobody would see it.
  if (sentence) field.closest("details")?.setAttribute("open", "");
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  const described = sentence ? [id, ...others] : others;
  if (sentence) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
}

/** Say what is wrong with each of some fields, and go to the first of them. */
export function showErrors(pairs) {
  for (const [field, sentence] of pairs) setError(field, sentence);
  pairs[0]?.[0].focus();
}

/** Remove what was said about the fields of a form. */
export function clearErrors(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) setError(field);
}
