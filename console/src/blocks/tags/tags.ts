/** Tags by their keys. */
export type Tags = Record<string, string>;

/** As IAM, EC2 and others tell them. */
export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

export const mapOf = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

/** What makes one set of tags of another: what is put, and the keys that go. */
export function changesOf(
  before: Tags,
  after: Tags,
): { put: { Key: string; Value: string }[]; gone: string[] } {
  return {
    put: Object.entries(after)
      .filter(([key, value]) => before[key] !== value)
      .map(([Key, Value]) => ({ Key, Value })),
    gone: Object.keys(before).filter((key) => !(key in after)),
  };
}

/** The rows of a form as tags; one without a key is none. The last of two with one key counts. */
export const tagsOf = (rows: readonly (readonly [string, string])[]): Tags =>
  Object.fromEntries(rows.filter(([key]) => key.trim() !== "").map(([key, value]) => [key.trim(), value]));
