/**
 * Resolve after some seconds, which may be infinite, or when the event of a waker fires; each waker is a target and
 * the name of its event. Reject with the signal's reason when it is aborted.
 */
export function sleep(seconds, signal, ...wakers) {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const end = () => {
      clearTimeout(timer);
      listening.abort();
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = seconds === Infinity ? undefined : setTimeout(end, seconds * 1000);
    for (const [target, event] of [[signal, "abort"], ...wakers]) {
      target.addEventListener(event, end, { signal: listening.signal });
    }
    if (signal.aborted) end();
  });
}
