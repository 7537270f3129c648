import type { AliasConfiguration } from "@aws-sdk/client-lambda";

/** `1: 90 %, 2: 10 %`: what of an alias's calls goes to which version. */
export function trafficOf({ FunctionVersion = "", RoutingConfig }: AliasConfiguration): string {
  const [other] = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {});
  if (!other) return FunctionVersion;
  const [version, weight] = other;
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  return `${FunctionVersion}: ${percent(1 - weight)}, ${version}: ${percent(weight)}`;
}
