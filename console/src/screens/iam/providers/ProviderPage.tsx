import { GetOpenIDConnectProviderCommand, GetSAMLProviderCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { TagsBox } from "../../../blocks/tags/TagsBox";
import { mapOf } from "../../../blocks/tags/tags";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { tagging } from "../tagging";
import { EditProvider } from "./EditProvider";
import { removeProvider } from "./ProviderList";
import { kindOf, nameOf } from "./provider";

/** What a provider is, whichever its kind. */
async function read(arn: string) {
  if (kindOf(arn) === "OIDC") {
    const one = await iam().send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return {
      created: one.CreateDate,
      audiences: one.ClientIDList ?? [],
      thumbprints: one.ThumbprintList ?? [],
      url: one.Url,
      tags: one.Tags,
      metadata: "",
    };
  }
  const one = await iam().send(new GetSAMLProviderCommand({ SAMLProviderArn: arn }));
  return {
    created: one.CreateDate,
    audiences: [],
    thumbprints: [],
    url: undefined,
    tags: one.Tags,
    metadata: one.SAMLMetadataDocument ?? "",
  };
}

export type Known = Awaited<ReturnType<typeof read>>;

/** One identity provider: what its tokens must say, and its certificates. */
export default function ProviderPage() {
  const { arn = "" } = useParams();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"edit" | "delete">();
  const live = useLive(["iam", `provider ${arn}`], () => read(arn));
  const [name, kind] = [nameOf({ arn }), kindOf(arn)];
  const one = live.data;
  return (
    <Page
      crumbs={[
        { text: "IAM", to: "/iam" },
        { text: "Identity providers", to: "/iam/identity-providers" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={one ? undefined : live.refusal}
      actions={
        <Button disabled={!one} onClick={() => setOpen("delete")}>
          Delete
        </Button>
      }
    >
      {one && (
        <Container
          header={
            <Header variant="h2" actions={<Button onClick={() => setOpen("edit")}>Edit</Button>}>
              {kind === "OIDC" ? "OpenID Connect" : "SAML"}
            </Header>
          }
        >
          <KeyValues
            columns={3}
            of={
              kind === "OIDC"
                ? {
                    Issuer: one.url && `https://${one.url}`,
                    Audiences: one.audiences.join(", ") || "none",
                    Thumbprints: one.thumbprints.join(", ") || "none",
                    Created: <Ago at={one.created} />,
                    ARN: <Copyable text={arn} />,
                  }
                : { Created: <Ago at={one.created} />, ARN: <Copyable text={arn} /> }
            }
          />
          {one.metadata && <pre className="text">{one.metadata}</pre>}
        </Container>
      )}
      {one && (
        <TagsBox
          tags={mapOf(one.tags)}
          {...tagging(kind === "OIDC" ? "oidc" : "saml", arn)}
          onChanged={live.refresh}
        />
      )}
      {open === "edit" && one && (
        <EditProvider
          arn={arn}
          one={one}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
      {open === "delete" && (
        <DeleteModal
          words={{ one: "identity provider", many: "identity providers" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => removeProvider({ arn, kind })}
          consequence="Nobody becomes a role by its tokens any more. Roles that trust it stay."
          onClose={(deleted) => {
            setOpen(undefined);
            if (deleted) void navigate("/iam/identity-providers");
          }}
        />
      )}
    </Page>
  );
}
