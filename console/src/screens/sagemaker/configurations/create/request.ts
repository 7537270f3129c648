import { areCounts } from "../../../../blocks/formats/numbers";
import { at, type Request } from "../../../../blocks/request/put";

/** All members of CreateEndpointConfig. Documented: SageMaker API Reference. */
export const MEMBERS = [
  "EndpointConfigName",
  "ProductionVariants",
  "DataCaptureConfig",
  "Tags",
  "KmsKeyId",
  "AsyncInferenceConfig",
  "ExplainerConfig",
  "ShadowProductionVariants",
  "ExecutionRoleArn",
  "VpcConfig",
  "EnableNetworkIsolation",
  "MetricsConfig",
  "CrossRegionTrafficConfig",
];

/** Whether each variant has its model, and whole instances; AWS says the rest. */
export function isReady(request: Request): boolean {
  const variants = at<Request[]>(request, ["ProductionVariants"]) ?? [];
  return (
    at(request, ["EndpointConfigName"]) !== undefined &&
    variants.length > 0 &&
    variants.every(
      ({ ModelName, ServerlessConfig, InitialInstanceCount, InitialVariantWeight = 1 }) =>
        typeof InitialVariantWeight === "number" &&
        ModelName !== undefined &&
        (ServerlessConfig !== undefined || areCounts(String(InitialInstanceCount))),
    )
  );
}
