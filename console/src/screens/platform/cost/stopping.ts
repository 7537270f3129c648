import {
  DeleteEndpointCommand,
  StopNotebookInstanceCommand,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  StopTransformJobCommand,
} from "@aws-sdk/client-sagemaker";
import { aws } from "../../../aws/client";
import { sagemaker } from "../../sagemaker/client";
import type { Item } from "./cost";

/** How each kind of thing is kept from costing more. */
const WAYS: Record<string, (name: string) => Promise<unknown>> = {
  endpoint: (EndpointName) => sagemaker().send(new DeleteEndpointCommand({ EndpointName })),
  "notebook-instance": (NotebookInstanceName) =>
    sagemaker().send(new StopNotebookInstanceCommand({ NotebookInstanceName })),
  "training-job": (TrainingJobName) => sagemaker().send(new StopTrainingJobCommand({ TrainingJobName })),
  "processing-job": (ProcessingJobName) =>
    sagemaker().send(new StopProcessingJobCommand({ ProcessingJobName })),
  "transform-job": (TransformJobName) => sagemaker().send(new StopTransformJobCommand({ TransformJobName })),
  instance: async (id) => {
    // EC2's client is large, and only needed here.
    const { EC2Client, StopInstancesCommand } = await import("@aws-sdk/client-ec2");
    await aws(EC2Client).send(new StopInstancesCommand({ InstanceIds: [id] }));
  },
};

export const CONSEQUENCE =
  "Endpoints are deleted; their configurations and models stay. Machines and notebook instances are stopped and " +
  "keep their disks. Jobs are stopped; those that train keep what they have made so far.";

/** Why it cannot be stopped, if so. */
export function refusesToStop({ kind, name, usdPerHour }: Item): string | undefined {
  if (kind === "volume") return `${name} is a volume: it costs until it is deleted.`;
  if (usdPerHour === 0) return `${name} costs nothing now.`;
  return kind in WAYS ? undefined : `${name} is a ${kind.replaceAll("-", " ")}: stop it on its own page.`;
}

/** Ends what it costs per hour. */
export const stop = async ({ kind, name }: Item): Promise<unknown> => WAYS[kind]?.(name);
