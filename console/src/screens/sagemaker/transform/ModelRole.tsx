import { DescribeModelCommand } from "@aws-sdk/client-sagemaker";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";

/** The role that a transform job works as: its model's. A model that is gone, or may not be seen, tells none. */
export function ModelRole({ model }: { model: string }) {
  const live = useLive(["sagemaker", "models", model], () =>
    sagemaker().send(new DescribeModelCommand({ ModelName: model })),
  );
  return <RoleLink arn={live.data?.ExecutionRoleArn} />;
}
