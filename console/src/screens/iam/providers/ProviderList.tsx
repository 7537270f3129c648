import {
  DeleteOpenIDConnectProviderCommand,
  DeleteSAMLProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { CreateProvider } from "./CreateProvider";
import { nameOf, type Provider } from "./provider";

const idOf = ({ arn }: Provider) => arn;

const columns: Column<Provider>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (one) => <GoTo to={to("iam", "identity-providers", one.arn)}>{nameOf(one)}</GoTo>,
    width: 240,
  },
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 110 },
  {
    id: "created",
    header: "Created",
    value: (one) => one.created,
    cell: (one) => (one.created ? <Ago at={one.created} /> : "–"),
    width: 150,
  },
  { id: "arn", header: "ARN", value: idOf, width: 380 },
];

async function read(): Promise<Provider[]> {
  const [oidc, saml] = await Promise.all([
    iam().send(new ListOpenIDConnectProvidersCommand({})),
    iam().send(new ListSAMLProvidersCommand({})),
  ]);
  return [
    ...(oidc.OpenIDConnectProviderList ?? []).map(({ Arn = "" }) => ({ arn: Arn, kind: "OIDC" as const })),
    ...(saml.SAMLProviderList ?? []).map(({ Arn = "", CreateDate, ValidUntil }) => ({
      arn: Arn,
      kind: "SAML" as const,
      created: CreateDate,
      validUntil: ValidUntil,
    })),
  ];
}

export const removeProvider = ({ arn, kind }: Pick<Provider, "arn" | "kind">): Promise<unknown> =>
  kind === "OIDC"
    ? iam().send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }))
    : iam().send(new DeleteSAMLProviderCommand({ SAMLProviderArn: arn }));

/** All who tell this account who somebody is. */
export default function ProviderList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Identity providers" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["iam", "providers"], read);
  return (
    <>
      <ResourceList
        id="iam.providers"
        words={{ one: "identity provider", many: "identity providers" }}
        live={live}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={removeProvider}
        removal={{ consequence: "Nobody becomes a role by its tokens any more. Roles that trust it stay." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Add provider
          </Button>
        }
        empty={{ hint: "With one, its users become roles by AssumeRoleWithWebIdentity, without keys." }}
      />
      {creating && (
        <CreateProvider
          onClose={(arn) => {
            setCreating(false);
            if (arn) void navigate(to("iam", "identity-providers", arn));
          }}
        />
      )}
    </>
  );
}
