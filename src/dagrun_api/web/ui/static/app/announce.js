const status = document.getElementById("status");

/** Let screen readers read a sentence out when they are idle. */
export function announce(sentence) {
  status.textContent = sentence;
}
