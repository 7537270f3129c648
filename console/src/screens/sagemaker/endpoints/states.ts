import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";

const GOING_ON = ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"];

/** Whether an endpoint is on its way to another state. */
export const changes = (status: string | undefined) => GOING_ON.includes(status ?? "");

/** Whether what an endpoint serves are inference components: its variants have no image of their own. */
export function hostsComponents(endpoint: DescribeEndpointOutput | undefined): boolean {
  const variants = endpoint?.ProductionVariants ?? [];
  return variants.length > 0 && variants.every(({ DeployedImages = [] }) => DeployedImages.length === 0);
}
