import {
  DeleteLifecyclePolicyCommand,
  GetLifecyclePolicyCommand,
  PutLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import { ecr } from "../client";
import { JsonBox } from "./JsonBox";

const EXAMPLE = {
  rules: [
    {
      rulePriority: 1,
      description: "Ten images are enough",
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 },
      action: { type: "expire" },
    },
  ],
};

/** Which images go by themselves. */
export function Lifecycle({ name: repositoryName }: { name: string }) {
  return (
    <JsonBox
      title="Lifecycle policy"
      without="No image goes by itself."
      example={EXAMPLE}
      id={`lifecycle ${repositoryName}`}
      absent="LifecyclePolicyNotFoundException"
      read={async () =>
        (await ecr().send(new GetLifecyclePolicyCommand({ repositoryName }))).lifecyclePolicyText
      }
      save={(lifecyclePolicyText) =>
        ecr().send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }))
      }
      remove={() => ecr().send(new DeleteLifecyclePolicyCommand({ repositoryName }))}
    />
  );
}
