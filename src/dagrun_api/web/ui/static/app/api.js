/* Asking the API: the envelope, the token, and the patience with a service or a database that is away. */

import { isBack, waitFor } from "./notices.js";
import { ask, credentials, token } from "./token.js";

const ROOT = new URL(".", document.querySelector('link[rel="service-desc"]').href);
const LONGEST = 30_000;

/** What the service refused or could not do: its sentence, and the status; 0 when no answer came. */
export class Failure extends Error {
  constructor(status, sentence, retryAfter = null) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may well succeed later. */
  get passes() {
    return [0, 502, 503, 504].includes(this.status);
  }

  /** Whether what was asked for may have been done all the same. */
  get isUncertain() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * Return what is in the envelope, with the ETag and the start of the next page; undefined contents after a 304.
 *
 * Goes on asking while the service or its database is away. Throws a Failure, or the signal's reason.
 */
export async function get(path, { etag, signal }) {
  const who = {};
  let pause = 2;
  try {
    for (;;) {
      try {
        return await withToken(path, { signal, headers: etag ? { "If-None-Match": etag } : {} });
      } catch (failure) {
        if (!failure.passes) throw failure;
        await waitFor(who, failure.message, failure.retryAfter ?? pause, signal);
        pause = Math.min(pause * 2, 30);
      }
    }
  } finally {
    isBack(who);
  }
}

/**
 * Send an object, or nothing, once; return what is in the envelope. Throws a Failure, or the signal's reason.
 *
 * What writes has no signal: begun, it is not given up because the page is left.
 */
export async function post(path, value, signal = new AbortController().signal) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return (await withToken(path, { method: "POST", body, headers, signal })).contents;
}

async function withToken(path, options) {
  for (;;) {
    const used = token();
    try {
      return await once(path, options);
    } catch (failure) {
      if (failure.status !== 401) throw failure;
      // While this was on its way, another may have been given.
      if (token() === used && !(await ask(used === null ? "" : "The service does not take that token."))) throw failure;
      options.signal.throwIfAborted();
    }
  }
}

async function once(path, { signal, headers, ...options }) {
  // As a segment of a path, a browser takes them for the way to another folder, encoded or not.
  if (/(^|\/)\.\.?(\/|\?|$)/.test(path)) {
    throw new Failure(400, "A browser cannot ask for what is called . or .. by the path: ask the API otherwise.");
  }
  const request = new Request(new URL(path, ROOT), {
    ...options,
    headers: { ...headers, ...credentials() },
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]),
    cache: "no-store",
  });
  let response, text;
  try {
    response = await fetch(request);
    text = await response.text();
  } catch {
    signal.throwIfAborted();
    throw new Failure(0, "The service cannot be reached.");
  }
  if (response.status === 304) return {};
  const contents = opened(text);
  if (!response.ok || contents === undefined) {
    const sentence =
      contents?.error ?? `Something between here and the service answered, with status ${response.status}.`;
    throw new Failure(response.ok ? 502 : response.status, sentence, seconds(response));
  }
  const next = /[?&]start=(\d+)/.exec(response.headers.get("Link") ?? "")?.[1];
  return { contents, etag: response.headers.get("ETag"), next };
}

function opened(text) {
  try {
    return JSON.parse(text).response;
  } catch {
    return undefined;
  }
}

function seconds(response) {
  const given = Number.parseInt(response.headers.get("Retry-After"), 10);
  return given > 0 ? given : null;
}
