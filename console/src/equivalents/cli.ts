import { kebab, namesOf } from "./names";

/** Quotes one word for a POSIX shell. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

const isBody = (value: unknown) => value instanceof Blob || value instanceof Uint8Array;

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (isBody(value)) return "…";
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, plain(member)]),
    );
  return value;
}

function option(name: string, value: unknown): string {
  const flag = `--${kebab(name)}`;
  if (typeof value === "boolean") return value ? flag : `--no-${kebab(name)}`;
  if (isBody(value))
    return name === "Payload" || name === "Body" || name === "ZipFile" ? `${flag} fileb://file` : `${flag} …`;
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return `${flag} ${value.map(quoted).join(" ")}`;
  const text = plain(value);
  return `${flag} ${quoted(typeof text === "object" ? JSON.stringify(text) : String(text))}`;
}

/** Operations whose answer is a body that the AWS CLI writes into a file: their last word. */
const INTO_FILE: Record<string, string> = {
  GetObject: "file",
  Invoke: "answer.json",
  InvokeEndpoint: "answer.json",
};

/** Writes a call as a command of the AWS CLI. */
export function cliOf(client: string, operation: string, input: Record<string, unknown>): string {
  const words = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => option(name, value));
  // botocore reads text as base64 unless it is told that it is not.
  if (operation === "Invoke" && input.Payload !== undefined)
    words.push("--cli-binary-format raw-in-base64-out");
  const file = INTO_FILE[operation];
  if (file) words.push(file);
  const command = ["aws", namesOf(client).cli, kebab(operation)].join(" ");
  const line = [command, ...words].join(" ");
  return line.length <= 100 ? line : [command, ...words].join(" \\\n  ");
}
