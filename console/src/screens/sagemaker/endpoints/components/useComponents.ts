import {
  DescribeInferenceComponentCommand,
  type DescribeInferenceComponentOutput,
  paginateListInferenceComponents,
} from "@aws-sdk/client-sagemaker";
import { collect } from "../../../../aws/collect";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { changes } from "../states";

export type Component = DescribeInferenceComponentOutput;

/** What an endpoint hosts, each as it is described; nothing is asked of one that hosts none. */
export function useComponents(endpoint: string, hosts: boolean) {
  return useLive<Component[]>(
    ["sagemaker", "inference-components", endpoint],
    async () => {
      const found = await collect(
        paginateListInferenceComponents(
          { client: sagemaker() },
          { EndpointNameEquals: endpoint, MaxResults: 100 },
        ),
        (page) => page.InferenceComponents,
      );
      return Promise.all(
        found.map(({ InferenceComponentName }) =>
          sagemaker().send(new DescribeInferenceComponentCommand({ InferenceComponentName })),
        ),
      );
    },
    { enabled: hosts, changing: (all) => all.some((one) => changes(one.InferenceComponentStatus)) },
  );
}
