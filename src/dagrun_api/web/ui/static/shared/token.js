/* The token, which is kept for this tab and this service only. */

// Both pages are in the same folder, and so share the token.
const KEY = `dagrun-api token of ${new URL("./", location.href).pathname}`;

/** Return the token; null when there is none. */
export const token = () => sessionStorage.getItem(KEY);

export const keepToken = (text) => sessionStorage.setItem(KEY, text.trim());

export const forgetToken = () => sessionStorage.removeItem(KEY);

/** Return the header that carries the token; none without a token. */
export function authorization() {
  // The service reads UTF-8, but fetch takes a header only as one character for each byte.
  const bytes = new TextEncoder().encode(token() ?? "");
  return bytes.length ? { Authorization: `Bearer ${String.fromCharCode(...bytes)}` } : {};
}
