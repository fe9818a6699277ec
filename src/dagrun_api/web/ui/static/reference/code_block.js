/* Blocks of code. */

import { element } from "../shared/elements.js";

/** Return a block with its title. */
export const codeBlock = (title, text) => element("div", {}, heading(title), block(title, text));

/** Return a block with its title and a button that copies the text. */
export function copyableBlock(title, text) {
  const pre = block(title, text);
  const button = element("button", { type: "button", "aria-label": "Copy the request" }, "Copy");
  const status = element("small", { role: "status" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = "Copied.";
    } catch {
      // The clipboard is only for pages that came over HTTPS or from this machine.
      getSelection().selectAllChildren(pre);
      status.textContent = "The text is selected. Copy it with the keyboard.";
    }
  });
  return element("div", {}, heading(title, " ", button, " ", status), pre);
}

export const heading = (title, ...children) =>
  element("p", { class: "title" }, element("small", {}, title), ...children);

const block = (title, text) =>
  element("pre", { tabindex: "0", role: "group", "aria-label": title }, element("code", {}, text));
