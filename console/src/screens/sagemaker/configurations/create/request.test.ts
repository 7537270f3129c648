import { expect, it } from "vitest";
import { isReady } from "./request";

const variant = { VariantName: "a", ModelName: "m", InitialInstanceCount: 1 };

it.each([
  [[variant], true],
  [[{ ...variant, InitialInstanceCount: 1.5 }], false],
  [[{ ...variant, ModelName: undefined }], false],
  [[{ VariantName: "a", ModelName: "m", ServerlessConfig: {} }], true],
  [[{ ...variant, InitialVariantWeight: "0." }], false],
  [[], false],
])("%j may be asked for: %s", (ProductionVariants, may) =>
  expect(isReady({ EndpointConfigName: "c", ProductionVariants })).toBe(may),
);
