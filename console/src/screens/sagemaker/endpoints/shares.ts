import { areCounts } from "../../../blocks/formats/numbers";

interface Weighted {
  CurrentWeight?: number | undefined;
}

/** The share of requests that each variant gets, from 0 to 1: its weight over the sum of weights. */
export function sharesOf(variants: Weighted[]): number[] {
  const sum = variants.reduce((total, { CurrentWeight = 0 }) => total + CurrentWeight, 0);
  return variants.map(({ CurrentWeight = 0 }) => (sum > 0 ? CurrentWeight / sum : 0));
}

/** What UpdateEndpointWeightsAndCapacities changes of a variant. */
export type Wanted = "DesiredWeight" | "DesiredInstanceCount";

/** What is wrong with a number that was typed: a count has no fraction, nothing may be below zero. */
export function faultOf(member: Wanted, value: unknown): string | undefined {
  const text = String(value ?? "");
  if (member === "DesiredInstanceCount") return areCounts(text) ? undefined : "A whole number, please.";
  return /^\d+(\.\d+)?$/.test(text) ? undefined : "A number, please.";
}
