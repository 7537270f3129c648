import {
  DeleteRepositoryPolicyCommand,
  GetRepositoryPolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { useSession } from "../../../session/session";
import { ecr } from "../client";
import { JsonBox } from "./JsonBox";

/** Who else may use the repository: its own account's roles need no word of it. */
export function Permissions({ name: repositoryName }: { name: string }) {
  const { account } = useSession();
  const example = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "pull",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
      },
    ],
  };
  return (
    <JsonBox
      title="Repository policy"
      without="Roles and users of this account, by their own policies; nobody else."
      example={example}
      id={`policy ${repositoryName}`}
      absent="RepositoryPolicyNotFoundException"
      read={async () => (await ecr().send(new GetRepositoryPolicyCommand({ repositoryName }))).policyText}
      save={(policyText) => ecr().send(new SetRepositoryPolicyCommand({ repositoryName, policyText }))}
      remove={() => ecr().send(new DeleteRepositoryPolicyCommand({ repositoryName }))}
    />
  );
}
