import { expect, it } from "vitest";
import { addressOf, loadOf, nameOf, notScaled, setBy, stepsOf } from "./words";

const variant = {
  ServiceNamespace: "sagemaker" as const,
  ResourceId: "endpoint/classifier/variant/AllTraffic",
};
const alias = { ServiceNamespace: "lambda" as const, ResourceId: "function:classify:live" };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 9, minute));
const activity = (minute: number, Description: string, StatusCode = "Successful" as const) => ({
  ActivityId: String(minute),
  ServiceNamespace: "sagemaker" as const,
  ResourceId: "",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
  Description,
  Cause: "",
  StartTime: at(minute),
  StatusCode,
});

it("names what is scaled, and where it is", () => {
  expect([nameOf(variant), nameOf(alias)]).toEqual(["classifier, AllTraffic", "classify, live"]);
  expect([addressOf(variant), addressOf(alias)]).toEqual([
    "/sagemaker/endpoints/classifier",
    "/lambda/functions/classify",
  ]);
  expect(loadOf(alias, []).wanted.dimensions).toEqual({
    FunctionName: "classify",
    Resource: "classify:live",
  });
});

it("reads what an activity set", () => {
  expect(setBy(activity(0, "Setting desired instance count to 2."))).toBe(2);
  expect(setBy(activity(0, "Setting min capacity to 1 and max capacity to 5"))).toBeUndefined();
  expect(setBy(activity(0, "Attempting to scale due to alarm triggered"))).toBeUndefined();
});

it("draws capacity as steps, from what was known before to now", () => {
  const found = stepsOf(
    [
      activity(30, "Setting desired instance count to 1."),
      activity(10, "Setting desired instance count to 3."),
    ],
    1,
    at(0),
    at(60),
  );
  expect(found.map(({ x, y }) => [x.getUTCMinutes(), y])).toEqual([
    [10, 3],
    [30, 3],
    [30, 1],
    [0, 1],
  ]);
  const byHand = stepsOf([activity(10, "Setting desired instance count to 3.")], 1, at(0), at(60));
  expect(byHand.map(({ y }) => y)).toEqual([3, 3, 1]);
  const later = stepsOf([activity(10, "Setting desired instance count to 3.")], 3, at(20), at(40));
  expect(later.map(({ y }) => y)).toEqual([3, 3]);
  expect(stepsOf([], 2, at(0), at(9)).map(({ y }) => y)).toEqual([2, 2]);
  expect(stepsOf([], undefined, at(0), at(9))).toEqual([]);
});

it("says why nothing was scaled", () => {
  expect(notScaled([{ Code: "AlreadyAtMaxCapacity", MaxCapacity: 4 }])).toBe("it is at its maximum (4)");
  expect(notScaled([{ Code: "SomethingNew" }])).toBe("SomethingNew");
  expect(notScaled(undefined)).toBe("");
});
