import { expect, test } from "vitest";
import { copiesOf, modelOf, namesOf, needsOf } from "./needs";
import type { Component } from "./useComponents";

const of = (component: Partial<Component>) => component as Component;

test.each([
  [{ MinMemoryRequiredInMb: 512 }, "512 MB"],
  [{ MinMemoryRequiredInMb: 512, NumberOfCpuCoresRequired: 1 }, "1 core, 512 MB"],
  [
    { MinMemoryRequiredInMb: 1024, NumberOfCpuCoresRequired: 0.5, NumberOfAcceleratorDevicesRequired: 2 },
    "0.5 cores, 1024 MB, 2 accelerators",
  ],
])("what a copy needs: %j", (needs, words) => {
  expect(needsOf(of({ Specification: { ComputeResourceRequirements: needs } }))).toBe(words);
  expect(needsOf(of({}))).toBe("–");
});

test("what it runs, and how many", () => {
  expect(modelOf(of({ Specification: { ModelName: "m" } }))).toBe("m");
  const Container = { DeployedImage: { SpecifiedImage: "1.dkr.ecr.us-east-1.amazonaws.com/team/own:v1" } };
  expect(modelOf(of({ Specification: { Container } }))).toBe("own:v1");
  expect(copiesOf(of({ RuntimeConfig: { CurrentCopyCount: 2, DesiredCopyCount: 2 } }))).toBe("2");
  expect(copiesOf(of({ RuntimeConfig: { CurrentCopyCount: 0, DesiredCopyCount: 3 } }))).toBe("0 of 3");
});

test("those that answer come first", () => {
  const one = (InferenceComponentName: string, InferenceComponentStatus: "InService" | "Failed") =>
    of({ InferenceComponentName, InferenceComponentStatus });
  const all = [one("b", "Failed"), one("c-10", "InService"), one("c-2", "InService")];
  expect(namesOf(all)).toEqual(["c-2", "c-10", "b"]);
});
