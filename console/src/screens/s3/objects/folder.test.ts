import { expect, it } from "vitest";
import { versionsOf } from "./folder";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 9, minute));

it("shows deleted objects and every version, the current one first", () => {
  const entries = versionsOf("a/", ["a/sub/"], {
    found: [
      { Key: "a/x", VersionId: "1", IsLatest: false, LastModified: at(1), Size: 3 },
      { Key: "a/y", VersionId: "3", IsLatest: true, LastModified: at(3), Size: 5 },
      { Key: "a/", VersionId: "0", IsLatest: true, LastModified: at(0), Size: 0 },
    ],
    markers: [{ Key: "a/x", VersionId: "2", IsLatest: true, LastModified: at(1) }],
  });
  expect(entries.map(({ name, version }) => [name, version?.id, version?.marker, version?.latest])).toEqual([
    ["sub/", undefined, undefined, undefined],
    ["x", "2", true, true],
    ["x", "1", false, false],
    ["y", "3", false, true],
  ]);
});
