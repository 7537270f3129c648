import { expect, it } from "vitest";
import { useCalls, withoutBodies } from "./calls";

const call = { client: "S3", operation: "UploadPart", milliseconds: 1, page: "/" };

it("keeps no bytes, however deep", () => {
  const large = new Uint8Array(8_000_000);
  const kept = withoutBodies({
    Key: "k",
    Body: large,
    Code: { ZipFile: large },
    At: new Date(0),
    Tags: [{ a: 1 }],
  });
  expect(kept).toEqual({
    Key: "k",
    Body: new Uint8Array(),
    Code: { ZipFile: new Uint8Array() },
    At: new Date(0),
    Tags: [{ a: 1 }],
  });
});

it("counts what is asked again, and forgets the oldest", () => {
  const { record } = useCalls.getState();
  for (const PartNumber of [1, 2, 1]) record({ ...call, input: { PartNumber } });
  expect(useCalls.getState().calls.map(({ input, times }) => [input.PartNumber, times])).toEqual([
    [2, 1],
    [1, 2],
  ]);
  for (let PartNumber = 0; PartNumber < 100; PartNumber += 1) record({ ...call, input: { PartNumber } });
  expect(useCalls.getState().calls).toHaveLength(60);
});
