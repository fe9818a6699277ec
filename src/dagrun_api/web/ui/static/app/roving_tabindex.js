/* Many links as one stop of the Tab key: one of them is in the tab order, and keys lead to the others. */

/** Key -> the next link, given all links and the place of the one with the focus. */
const MOVES = {
  ArrowRight: (links, place) => links[place + 1],
  ArrowLeft: (links, place) => links[place - 1],
  Home: (links) => links[0],
  End: (links) => links.at(-1),
};

/**
 * Make the links in an element one stop. `linksIn` returns those that keys lead to, in their order; `more` are moves of
 * other keys, or other moves of the same. Return the function that puts a link into the tab order, unless one is there.
 */
export function rovingTabindex(parent, linksIn, more = {}) {
  const moves = { ...MOVES, ...more };
  const choose = (link) => {
    parent.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    link?.setAttribute("tabindex", "0");
  };
  parent.addEventListener("focusin", ({ target }) => {
    // A button between the links is a stop of its own.
    if (target.localName === "a") choose(target);
  });
  parent.addEventListener("keydown", (event) => {
    const links = linksIn();
    const place = links.indexOf(event.target);
    const move = moves[event.key];
    // With these keys, the arrows belong to the browser.
    if (move === undefined || place === -1 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(links, place)?.focus();
  });
  return (link) => {
    if (parent.querySelector("[tabindex='0']") === null) choose(link);
  };
}
