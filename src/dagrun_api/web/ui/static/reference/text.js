/* The texts of the document, in which `this` is code. */

import { element } from "../shared/elements.js";

/** Return a text as children of an element. */
export const inline = (text) =>
  text.split("`").map((part, place) => (place % 2 ? element("code", {}, part) : part));

/** Return a text as paragraphs. */
export const paragraphs = (text = "") => text.split("\n\n").map((part) => element("p", {}, ...inline(part)));

/** Return a link to a file. A browser sends no token with a link, so where one is needed only the address is shown. */
export const fileLink = (href, needsToken) =>
  needsToken ? element("code", {}, href) : element("a", { href }, href.split("/").at(-1));
