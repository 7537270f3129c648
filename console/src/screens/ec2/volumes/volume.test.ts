import type { Volume } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { changesOf, freeDevice, isChanging, refusesTo } from "./volume";

const free = { State: "available", Size: 8, VolumeType: "gp3", Iops: 3000 } as Volume;
const used = { ...free, State: "in-use", Attachments: [{ InstanceId: "i-1", State: "attached" }] } as Volume;

it("knows what can be done", () => {
  expect(refusesTo("attach", free)).toBeUndefined();
  expect(refusesTo("detach", free)).toMatch(/No machine/);
  expect(refusesTo("detach", used)).toBeUndefined();
  expect(refusesTo("delete", used)).toBe("i-1 has it: detach it first.");
  expect(refusesTo("attach", { State: "creating" })).toBe("It is creating.");
});

it("looks closely while one comes or goes", () => {
  const leaving = { State: "in-use", Attachments: [{ State: "detaching" }] } as Volume;
  expect([free, used, leaving].map(isChanging)).toEqual([false, false, true]);
});

it.each([
  [[], "/dev/sdf"],
  [["/dev/xvda", "/dev/sdf", "xvdg"], "/dev/sdh"],
])("with %j the next is %s", (taken, device) => expect(freeDevice(taken)).toBe(device));

it("asks for what is another alone", () => {
  const as = { size: "8", kind: "gp3", iops: "3000" };
  expect(changesOf(free, as)).toEqual({});
  expect(changesOf(free, { ...as, size: "16" })).toEqual({ Size: 16 });
  expect(changesOf(free, { size: "", kind: "io2", iops: "5000" })).toEqual({ VolumeType: "io2", Iops: 5000 });
});
