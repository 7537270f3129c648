import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListRolePolicies,
  paginateListUserPolicies,
} from "@aws-sdk/client-iam";
import { iam } from "../client";

type Paged = { client: ReturnType<typeof iam> };

/** What IAM calls the same for roles, users and groups, each by an operation of its own. */
export const OPERATIONS = {
  role: {
    attached: (paged: Paged, RoleName: string) => paginateListAttachedRolePolicies(paged, { RoleName }),
    inline: (paged: Paged, RoleName: string) => paginateListRolePolicies(paged, { RoleName }),
    read: (RoleName: string, PolicyName: string) =>
      iam().send(new GetRolePolicyCommand({ RoleName, PolicyName })),
    write: (RoleName: string, PolicyName: string, PolicyDocument: string) =>
      iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    attach: (RoleName: string, PolicyArn: string) =>
      iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (RoleName: string, PolicyArn: string) =>
      iam().send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    remove: (RoleName: string, PolicyName: string) =>
      iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
  },
  user: {
    attached: (paged: Paged, UserName: string) => paginateListAttachedUserPolicies(paged, { UserName }),
    inline: (paged: Paged, UserName: string) => paginateListUserPolicies(paged, { UserName }),
    read: (UserName: string, PolicyName: string) =>
      iam().send(new GetUserPolicyCommand({ UserName, PolicyName })),
    write: (UserName: string, PolicyName: string, PolicyDocument: string) =>
      iam().send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    attach: (UserName: string, PolicyArn: string) =>
      iam().send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (UserName: string, PolicyArn: string) =>
      iam().send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
    remove: (UserName: string, PolicyName: string) =>
      iam().send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
  },
  group: {
    attached: (paged: Paged, GroupName: string) => paginateListAttachedGroupPolicies(paged, { GroupName }),
    inline: (paged: Paged, GroupName: string) => paginateListGroupPolicies(paged, { GroupName }),
    read: (GroupName: string, PolicyName: string) =>
      iam().send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
    write: (GroupName: string, PolicyName: string, PolicyDocument: string) =>
      iam().send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    attach: (GroupName: string, PolicyArn: string) =>
      iam().send(new AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (GroupName: string, PolicyArn: string) =>
      iam().send(new DetachGroupPolicyCommand({ GroupName, PolicyArn })),
    remove: (GroupName: string, PolicyName: string) =>
      iam().send(new DeleteGroupPolicyCommand({ GroupName, PolicyName })),
  },
} as const;
