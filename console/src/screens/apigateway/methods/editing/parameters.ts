import type { Rows } from "../../../../blocks/fields/Pairs";
import { mapOf } from "../../patches";

const PREFIX = "method.request.";

/** Validators as AWS's console makes them, under its names. */
export const PRESETS: Record<
  string,
  { name: string; validateRequestBody: boolean; validateRequestParameters: boolean }
> = {
  "Validate body": {
    name: "Validate body",
    validateRequestBody: true,
    validateRequestParameters: false,
  },
  "Validate body, query string parameters, and headers": {
    name: "Validate body, query string parameters, and headers",
    validateRequestBody: true,
    validateRequestParameters: true,
  },
  "Validate query string parameters and headers": {
    name: "Validate query string parameters and headers",
    validateRequestBody: false,
    validateRequestParameters: true,
  },
};

/** `method.request.querystring.k` → `querystring.k`, with whether it is required. */
export const readable = (parameters: Record<string, boolean> | undefined): Rows<boolean> =>
  Object.entries(parameters ?? {}).map(([name, required]) => [name.replace(PREFIX, ""), required]);

/** The rows of a form as a method has them, with their values as patches write them. */
export const parametersOf = (rows: Rows<boolean>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(mapOf(rows)).map(([name, required]) => [
      name.startsWith(PREFIX) ? name : PREFIX + name,
      String(required),
    ]),
  );
