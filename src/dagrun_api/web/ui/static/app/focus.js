/* Hiding and disabling what may have the focus, so that the focus is never lost. */

/** Hide an element, or show it. The focus within one that is hidden goes to another. */
export function hide(item, isHidden, next) {
  const hadFocus = isHidden && !item.hidden && item.contains(document.activeElement);
  item.hidden = isHidden;
  if (hadFocus) next.focus();
}

/** Disable a button, or enable it. The focus of one that is disabled goes to another element. */
export function disable(button, isDisabled, next) {
  const hadFocus = isDisabled && document.activeElement === button;
  button.disabled = isDisabled;
  if (hadFocus) next.focus();
}

/** Draw the children of an element again. The focus of one that is gone goes to another element. */
export function redraw(parent, draw, next) {
  const hadFocus = parent.contains(document.activeElement);
  draw();
  if (hadFocus && !parent.contains(document.activeElement)) next.focus();
}
