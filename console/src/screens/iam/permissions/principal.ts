import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListRolePolicies,
  paginateListUserPolicies,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { decoded } from "../documents/document";

/** Who may have policies: the operations on both differ in their names alone. */
export interface Principal {
  kind: "role" | "user";
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
  const [attached, inline] = await Promise.all(
    kind === "role"
      ? [
          collect(
            paginateListAttachedRolePolicies(paged, { RoleName: name }),
            (page) => page.AttachedPolicies,
          ),
          collect(paginateListRolePolicies(paged, { RoleName: name }), (page) => page.PolicyNames),
        ]
      : [
          collect(
            paginateListAttachedUserPolicies(paged, { UserName: name }),
            (page) => page.AttachedPolicies,
          ),
          collect(paginateListUserPolicies(paged, { UserName: name }), (page) => page.PolicyNames),
        ],
  );
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
  const PolicyName = permission.name;
  const answer =
    kind === "role"
      ? await iam().send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))
      : await iam().send(new GetUserPolicyCommand({ UserName: name, PolicyName }));
  return decoded(answer.PolicyDocument);
}

export const writeInline = ({ kind, name }: Principal, PolicyName: string, PolicyDocument: string) =>
  kind === "role"
    ? iam().send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument }))
    : iam().send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }));

export const attach = ({ kind, name }: Principal, PolicyArn: string) =>
  kind === "role"
    ? iam().send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }))
    : iam().send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));

/** Detaches what is attached, deletes what is inline. */
export function take({ kind, name }: Principal, { name: PolicyName, arn: PolicyArn }: Permission) {
  if (kind === "role")
    return PolicyArn
      ? iam().send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }))
      : iam().send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
  return PolicyArn
    ? iam().send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }))
    : iam().send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
}
