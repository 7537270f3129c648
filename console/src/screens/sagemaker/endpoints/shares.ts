interface Weighted {
  CurrentWeight?: number | undefined;
}

/** The share of requests that each variant gets, from 0 to 1: its weight over the sum of weights. */
export function sharesOf(variants: Weighted[]): number[] {
  const sum = variants.reduce((total, { CurrentWeight = 0 }) => total + CurrentWeight, 0);
  return variants.map(({ CurrentWeight = 0 }) => (sum > 0 ? CurrentWeight / sum : 0));
}
