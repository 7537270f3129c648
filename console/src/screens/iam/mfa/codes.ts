/** Whether two texts are codes that can follow one another: six digits each, and not the same. */
export const areCodes = (first: string, second: string): boolean =>
  /^\s*\d{6}\s*$/.test(first) && /^\s*\d{6}\s*$/.test(second) && first.trim() !== second.trim();

/** `laptop` of `arn:aws:iam::123456789012:mfa/laptop`. */
export const deviceOf = (serial: string | undefined): string => (serial ?? "").split("/").slice(1).join("/");
