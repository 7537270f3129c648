import {
  TagOpenIDConnectProviderCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagSAMLProviderCommand,
  TagUserCommand,
  UntagOpenIDConnectProviderCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UntagSAMLProviderCommand,
  UntagUserCommand,
} from "@aws-sdk/client-iam";
import type { Tag } from "../../blocks/tags/tags";
import { iam } from "./client";

interface Tagging {
  put: (tags: Required<Tag>[]) => Promise<unknown>;
  remove: (keys: string[]) => Promise<unknown>;
}

type Put = { Key: string; Value: string }[];

const OF = {
  role: (RoleName: string) => [
    (Tags: Put) => iam().send(new TagRoleCommand({ RoleName, Tags })),
    (TagKeys: string[]) => iam().send(new UntagRoleCommand({ RoleName, TagKeys })),
  ],
  user: (UserName: string) => [
    (Tags: Put) => iam().send(new TagUserCommand({ UserName, Tags })),
    (TagKeys: string[]) => iam().send(new UntagUserCommand({ UserName, TagKeys })),
  ],
  policy: (PolicyArn: string) => [
    (Tags: Put) => iam().send(new TagPolicyCommand({ PolicyArn, Tags })),
    (TagKeys: string[]) => iam().send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
  ],
  oidc: (OpenIDConnectProviderArn: string) => [
    (Tags: Put) => iam().send(new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags })),
    (TagKeys: string[]) =>
      iam().send(new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys })),
  ],
  saml: (SAMLProviderArn: string) => [
    (Tags: Put) => iam().send(new TagSAMLProviderCommand({ SAMLProviderArn, Tags })),
    (TagKeys: string[]) => iam().send(new UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys })),
  ],
} satisfies Record<string, (id: string) => unknown>;

/** How something of IAM's is tagged. */
export function tagging(kind: keyof typeof OF, id: string): Tagging {
  const [put, remove] = OF[kind](id) as [(tags: Put) => Promise<unknown>, Tagging["remove"]];
  return { put: (tags) => put(tags as Put), remove };
}
