import { expect, it } from "vitest";
import {
  base64,
  type InstanceType,
  machineTypes,
  newestFirst,
  requestOf,
  sizeOf,
  type Wish,
} from "./choices";

const type = (name: string, usdPerHour: number | null, gpus = 0): InstanceType => ({
  name,
  vcpus: 4,
  memoryGib: 16,
  gpus,
  gpu: gpus ? "L4" : "",
  usdPerHour,
});
const wish: Wish = {
  name: "",
  image: "ami-1",
  type: "t3.micro",
  count: 1,
  key: "",
  groups: [],
  profile: "",
  sizeGb: 0,
  userData: " \n",
  spot: false,
};

it("offers EC2's types, the cheapest first, and those without a price last", () => {
  const types = [
    type("g6.xlarge", 0.8),
    type("odd.one", null),
    type("ml.m5.large", 0.1),
    type("t3.micro", 0.01),
  ];
  expect(machineTypes(types).map(({ name }) => name)).toEqual(["t3.micro", "g6.xlarge", "odd.one"]);
  expect(sizeOf(type("g6.xlarge", 0.8, 1))).toBe("4 processors, 16 GiB, 1 × L4");
});

it("asks for nothing that was left empty", () => {
  expect(requestOf(wish, "/dev/xvda")).toEqual({
    ImageId: "ami-1",
    InstanceType: "t3.micro",
    MinCount: 1,
    MaxCount: 1,
  });
});

it("asks for all that was filled in", () => {
  const full = {
    ...wish,
    name: "n",
    key: "k",
    groups: ["sg-1"],
    profile: "p",
    sizeGb: 20,
    userData: "#!/bin/sh",
    spot: true,
  };
  expect(requestOf(full, "/dev/sda1")).toMatchObject({
    KeyName: "k",
    SecurityGroupIds: ["sg-1"],
    IamInstanceProfile: { Name: "p" },
    BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { VolumeSize: 20 } }],
    UserData: base64("#!/bin/sh"),
    InstanceMarketOptions: { MarketType: "spot" },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "n" }] }],
  });
});

it("puts text into base64 as UTF-8", () => expect(base64("für")).toBe("ZsO8cg=="));

it("has the newest image first", () => {
  const images = newestFirst([{ CreationDate: "2024-01-01" }, {}, { CreationDate: "2026-01-01" }]);
  expect(images.map(({ CreationDate }) => CreationDate)).toEqual(["2026-01-01", "2024-01-01", undefined]);
});
