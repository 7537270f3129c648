import { namesOf, snake } from "./names";

/** Writes a value in Python. */
export function python(value: unknown, indent = 0): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Date) return `datetime.fromisoformat(${JSON.stringify(value.toISOString())})`;
  if (value instanceof Blob || value instanceof Uint8Array) return `open("file", "rb").read()`;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const members = Array.isArray(value)
    ? value.map((item) => python(item, indent + 4))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}: ${python(member, indent + 4)}`);
  const line = open + members.join(", ") + close;
  if (line.length <= 80 && !line.includes("\n")) return line;
  const pad = " ".repeat(indent + 4);
  return `${open}\n${members.map((member) => `${pad}${member},\n`).join("")}${" ".repeat(indent)}${close}`;
}

/** Writes a call in Python with boto3. */
export function boto3Of(client: string, operation: string, input: Record<string, unknown>): string {
  const service = namesOf(client).boto3;
  const name = service.replaceAll("-", "_");
  const words = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([member, value]) => `${member}=${python(value, 4)}`);
  const line = `${name}.${snake(operation)}(${words.join(", ")})`;
  const call =
    line.length <= 88 && !line.includes("\n")
      ? line
      : `${name}.${snake(operation)}(\n${words.map((word) => `    ${word},\n`).join("")})`;
  return `${name} = boto3.client(${JSON.stringify(service)})\n${call}`;
}
