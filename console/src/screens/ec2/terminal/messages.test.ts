import { expect, it } from "vitest";
import { bytesOf, closedBy, piecesOf, Shown } from "./messages";

it("cuts what is pasted", () => {
  const pieces = piecesOf(Uint8Array.from([1, 2, 3, 4, 5]), 2);
  expect(pieces.map((piece) => [...piece])).toEqual([[1, 2], [3, 4], [5]]);
  expect(piecesOf(new Uint8Array())).toEqual([]);
});

it("takes a mouse's letters for bytes", () =>
  expect([...bytesOf("\u001b[M\u00ff")]).toEqual([27, 91, 77, 255]));

it.each([
  ['{"closed": "The shell has ended."}', "The shell has ended."],
  ['{"closed": 3}', undefined],
  ["null", undefined],
  ["closed", undefined],
])("%s", (text, why) => expect(closedBy(text)).toBe(why));

it("tells now and then what is shown", () => {
  const shown = new Shown();
  expect([60_000, 6_000, 10, 70_000].map((bytes) => shown.add(bytes))).toEqual([
    undefined,
    66_000,
    undefined,
    136_010,
  ]);
});
