import { expect, it } from "vitest";
import { axisOf, bestSoFar, type Trial } from "./trials";

const trial = (objective: number | undefined, values: Record<string, string> = {}, ended = 0): Trial => ({
  name: "t",
  status: "Completed",
  objective,
  values,
  began: new Date(0),
  ended: new Date(ended),
});

it("keeps the best in the order of ends", () => {
  const trials = [trial(0.5, {}, 3), trial(0.7, {}, 1), trial(0.9, {}, 4), trial(undefined, {}, 2)];
  expect(bestSoFar(trials, true).map(({ y }) => y)).toEqual([0.7, 0.7, 0.9]);
  expect(bestSoFar(trials, false).map(({ y }) => y)).toEqual([0.7, 0.5, 0.5]);
});

it("puts rates on a logarithmic axis, words in steps", () => {
  const rates = ["0.0001", "0.001", "0.01"].map((lr) => trial(1, { lr }));
  const axis = axisOf("lr", rates, (one) => one.values.lr);
  expect(rates.map(axis.place).map((place) => place?.toFixed(2))).toEqual(["0.00", "0.50", "1.00"]);
  const words = ["adam", "sgd"].map((optimizer) => trial(1, { optimizer }));
  expect(words.map(axisOf("optimizer", words, (one) => one.values.optimizer).place)).toEqual([0, 1]);
  const same = [trial(1, { lr: "1" }), trial(1, {})];
  expect(same.map(axisOf("lr", same, (one) => one.values.lr).place)).toEqual([0.5, undefined]);
});
