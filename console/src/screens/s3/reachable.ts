/**
 * Throws for a key that a browser cannot ask for.
 *
 * `.` and `..` between slashes are keys like others in S3, but the URL standard has browsers resolve them, however
 * they are written: what arrived would name something else than what was signed.
 */
export function mustBeReachable(input: object): void {
  const { Key } = input as { Key?: unknown };
  if (typeof Key !== "string" || !Key.split("/").some((part) => part === "." || part === "..")) return;
  throw Object.assign(
    new Error("Browsers resolve the dots of this key, so that it cannot be asked for here: aws s3api can."),
    { name: "NotInABrowser" },
  );
}
