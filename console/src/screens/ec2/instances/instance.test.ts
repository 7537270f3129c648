import type { Instance } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { consoleText, isChanging, named, refusesTo, userOf, waysIn } from "./instance";

const instance = (state: string, more: Partial<Instance> = {}): Instance => ({
  InstanceId: "i-1",
  State: { Name: state as never },
  ...more,
});

it.each([
  ["start", "stopped", undefined],
  ["start", "running", "It is running."],
  ["stop", "pending", undefined],
  ["reboot", "stopped", "It is stopped."],
  ["terminate", "stopped", undefined],
  ["terminate", "terminated", "It is terminated."],
] as const)("%s when %s", (verb, state, reason) => expect(refusesTo(verb, instance(state))).toBe(reason));

it("knows what is on its way", () => {
  expect(["pending", "running", "shutting-down"].map((state) => isChanging(instance(state)))).toEqual([
    true,
    false,
    true,
  ]);
});

it("offers the key pair's way where there is one, with the image's user", () => {
  const commands = (one: Instance, user: string) => waysIn(one, user).map(({ command }) => command);
  expect(commands(instance("running"), "ec2-user")).not.toContainEqual(expect.stringMatching(/^ssh/));
  const reachable = instance("running", { KeyName: "k", PublicIpAddress: "127.9.8.7" });
  expect(commands(reachable, userOf("Deep Learning AMI (Ubuntu 22.04)"))).toContain(
    "ssh -i ./k.pem ubuntu@127.9.8.7",
  );
  // What somebody called a key is no command of whoever copies this line.
  const hostile = { ...reachable, KeyName: "k; rm -rf ~/'$(id)' #" };
  expect(commands(hostile, "ec2-user")).toContain(
    "ssh -i './k; rm -rf __'\\''$(id)'\\'' #.pem' ec2-user@127.9.8.7",
  );
});

it("reads a console in UTF-8, and names", () => {
  expect(consoleText("ZsO8cg==")).toBe("für");
  expect(consoleText(undefined)).toBe("");
  expect(named([{ Key: "Name", Value: "trainer" }])).toBe("trainer");
  expect(named(undefined)).toBeUndefined();
});
