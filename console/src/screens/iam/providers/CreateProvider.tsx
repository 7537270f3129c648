import { CreateOpenIDConnectProviderCommand, CreateSAMLProviderCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Textarea from "@cloudscape-design/components/textarea";
import { useRef, useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { iam } from "../client";
import { isAddress, linesOf } from "./provider";

const KINDS = [
  { id: "OIDC", text: "OpenID Connect" },
  { id: "SAML", text: "SAML" },
];

/** Lets somebody else tell who a caller is. Its ARN; nothing when somebody thought better of it. */
export function CreateProvider({ onClose }: { onClose: (arn: string | undefined) => void }) {
  const [kind, setKind] = useState("OIDC");
  const [url, setUrl] = useState("");
  const [audiences, setAudiences] = useState("sts.amazonaws.com");
  const [thumbprints, setThumbprints] = useState("");
  const [name, setName] = useState("");
  const [metadata, setMetadata] = useState("");
  const made = useRef<string>(undefined);
  const isOidc = kind === "OIDC";
  const create = async () => {
    if (!isOidc) {
      const asked = new CreateSAMLProviderCommand({ Name: name, SAMLMetadataDocument: metadata });
      made.current = (await iam().send(asked)).SAMLProviderArn;
      return;
    }
    const prints = linesOf(thumbprints);
    const asked = new CreateOpenIDConnectProviderCommand({
      Url: url.trim(),
      ClientIDList: linesOf(audiences),
      ...(prints.length > 0 ? { ThumbprintList: prints } : {}),
    });
    made.current = (await iam().send(asked)).OpenIDConnectProviderArn;
  };
  return (
    <FormModal
      title="Add an identity provider"
      verb="Add"
      ready={isOidc ? isAddress(url) : name !== "" && metadata.trim() !== ""}
      submit={create}
      onClose={(done) => onClose(done ? made.current : undefined)}
    >
      <SegmentedControl
        label="Kind"
        selectedId={kind}
        options={KINDS}
        onChange={({ detail }) => setKind(detail.selectedId)}
      />
      {isOidc && (
        <TextField
          label="Address"
          hint="Its issuer, as its tokens have it."
          value={url}
          onChange={setUrl}
          placeholder="https://token.actions.githubusercontent.com"
        />
      )}
      {isOidc && (
        <FormField label="Audiences" description="One a line: whom its tokens are for.">
          <Textarea value={audiences} rows={2} onChange={({ detail }) => setAudiences(detail.value)} />
        </FormField>
      )}
      {isOidc && (
        <FormField
          label="Thumbprints"
          description="SHA-1 of the certificates of its authority, one a line; none where its certificate is trusted anyway."
        >
          <Textarea value={thumbprints} rows={2} onChange={({ detail }) => setThumbprints(detail.value)} />
        </FormField>
      )}
      {!isOidc && <TextField label="Name" value={name} onChange={setName} />}
      {!isOidc && (
        <FormField label="Metadata" description="The XML document that it publishes." stretch>
          <Textarea value={metadata} rows={10} onChange={({ detail }) => setMetadata(detail.value)} />
        </FormField>
      )}
    </FormModal>
  );
}
