/* The curl command of an example. */

/** Return the command that sends an example, with the values of its parameters, its body, and a token if needed. */
export function command({ path, method, parameters, body, example, base, needsToken }) {
  const valuesIn = (place) =>
    parameters
      .filter((parameter) => parameter.in === place && parameter.examples?.[example])
      .map(({ name, examples }) => [name, encode(String(examples[example].value))]);
  const filled = valuesIn("path").reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
  const query = valuesIn("query").map((pair) => pair.join("=")).join("&");
  const words = ["curl", quote(base + filled + (query && `?${query}`))];
  if (needsToken) words.push('-H "Authorization: Bearer $TOKEN"');
  if (method === "post") words.push(body === undefined ? "-X POST" : `--data ${quote(JSON.stringify(body))}`);
  return words.join(" ");
}

// The colons of times may stand in an address as they are.
const encode = (text) => encodeURIComponent(text).replaceAll("%3A", ":");

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
