import { GetPolicyCommand, GetPolicyVersionCommand } from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { decoded } from "../documents/document";
import { OPERATIONS } from "./operations";

/** Who may have policies. */
export interface Principal {
  kind: keyof typeof OPERATIONS;
  name: string;
}

/** One policy of a principal: attached by its ARN, or written into it. */
export interface Permission {
  name: string;
  /** Absent for an inline policy. */
  arn?: string | undefined;
}

export async function permissionsOf({ kind, name }: Principal): Promise<Permission[]> {
  const paged = { client: iam() };
  const [attached, inline] = await Promise.all([
    collect(OPERATIONS[kind].attached(paged, name), (page) => page.AttachedPolicies),
    collect(OPERATIONS[kind].inline(paged, name), (page) => page.PolicyNames),
  ]);
  return [
    ...attached.map(({ PolicyName = "", PolicyArn }) => ({ name: PolicyName, arn: PolicyArn })),
    ...inline.map((policy) => ({ name: policy })),
  ];
}

/** The document in force of a managed policy. */
export async function managedDocument(PolicyArn: string): Promise<string> {
  const { Policy } = await iam().send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId ?? "v1";
  const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return decoded(PolicyVersion?.Document);
}

export async function documentOf({ kind, name }: Principal, permission: Permission): Promise<string> {
  if (permission.arn) return managedDocument(permission.arn);
  return decoded((await OPERATIONS[kind].read(name, permission.name)).PolicyDocument);
}

export const writeInline = ({ kind, name }: Principal, policy: string, document: string): Promise<unknown> =>
  OPERATIONS[kind].write(name, policy, document);

export const attach = ({ kind, name }: Principal, arn: string): Promise<unknown> =>
  OPERATIONS[kind].attach(name, arn);

/** Detaches what is attached, deletes what is inline. */
export const take = ({ kind, name }: Principal, policy: Permission): Promise<unknown> =>
  policy.arn ? OPERATIONS[kind].detach(name, policy.arn) : OPERATIONS[kind].remove(name, policy.name);
