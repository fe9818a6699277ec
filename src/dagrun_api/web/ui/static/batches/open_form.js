/* The form that opens a batch by its name, in one DAG or in all. */

import { batchLink } from "../app/addresses.js";
import { canonical } from "../app/prefix.js";
import { fill } from "../app/render.js";

/** Put the form into an element. */
export function openForm(outlet) {
  const { form } = fill(outlet, "open-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { prefix, dag_id } = form.elements;
    location.hash = batchLink(canonical(prefix.value.trim()), dag_id.value.trim());
  });
}
