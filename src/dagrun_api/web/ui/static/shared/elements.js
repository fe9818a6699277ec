/* Making elements. Whatever comes from outside gets in as text or as the value of an attribute, never as markup. */

/** Return a new element; an attribute that is false is left out, and one that is a function listens to its event. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Fill an element with a copy of a template; return the parts that have a name, by name. */
export function put(outlet, template) {
  const copy = document.getElementById(template).content.cloneNode(true);
  const named = [...copy.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]);
  outlet.replaceChildren(copy);
  return Object.fromEntries(named);
}

/**
 * Let the children of an element be those of some values, in their order. A child whose value has the key of one before
 * is kept and told the new value, so that it keeps the focus.
 */
export function keep(parent, values, key, make, tell) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = values.map((value) => {
    const child = before.get(String(key(value))) ?? make(value);
    child.dataset.key = key(value);
    tell(child, value);
    return child;
  });
  const left = new Set(wanted);
  for (const child of [...parent.children]) if (!left.has(child)) child.remove();
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
  });
}

const NONE = "None";

/** Return an id or another text of somebody else, kept from turning the text around it the other way. */
export const named = (text, absent = NONE) => element("bdi", {}, text === NONE ? absent : text);

/** Return a time as the API gives it, in UTC, for people and programs. */
export function instant(text, absent = "–") {
  if (text === NONE) return absent;
  // Where there is little room it breaks between the two.
  const [day, hour] = text.split(" ").map((part) => element("span", {}, part));
  return element("time", { datetime: `${text.replace(" ", "T")}Z` }, day, " ", hour);
}

/** Return the state of a run, with a mark that is not told by its colour alone. */
export const state = (name) => element("span", { class: "state", "data-state": name }, name);

/** Return a number for people: 2,000. */
export const figure = (number) => number.toLocaleString("en", { maximumFractionDigits: 1 });

/** Return a number with its noun: 1 run, 2,000 runs. */
export const count = (number, noun) => `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;
