/* Creating elements. Data from outside becomes text or the value of an attribute, never markup. */

/** Return a new element. A false attribute is left out; a function becomes the listener of its event. */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") created.addEventListener(key, value);
    else if (value !== false) created.setAttribute(key, value === true ? "" : value);
  }
  created.append(...children);
  return created;
}
