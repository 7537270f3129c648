import {
  AddClientIDToOpenIDConnectProviderCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
  UpdateSAMLProviderCommand,
} from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { iam } from "../client";
import type { Known } from "./ProviderPage";
import { differenceOf, kindOf, linesOf } from "./provider";

interface Props {
  arn: string;
  one: Known;
  onClose: (done: boolean) => void;
}

/** A provider's audiences and thumbprints, or its metadata. */
export function EditProvider({ arn, one, onClose }: Props) {
  const [audiences, setAudiences] = useState(one.audiences.join("\n"));
  const [thumbprints, setThumbprints] = useState(one.thumbprints.join("\n"));
  const [metadata, setMetadata] = useState(one.metadata);
  const isOidc = kindOf(arn) === "OIDC";
  const save = async () => {
    if (!isOidc) {
      await iam().send(
        new UpdateSAMLProviderCommand({ SAMLProviderArn: arn, SAMLMetadataDocument: metadata }),
      );
      return;
    }
    const of = { OpenIDConnectProviderArn: arn };
    const { added, gone } = differenceOf(one.audiences, linesOf(audiences));
    for (const ClientID of added)
      await iam().send(new AddClientIDToOpenIDConnectProviderCommand({ ...of, ClientID }));
    for (const ClientID of gone)
      await iam().send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...of, ClientID }));
    const ThumbprintList = linesOf(thumbprints);
    if (ThumbprintList.join() !== one.thumbprints.join())
      await iam().send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...of, ThumbprintList }));
  };
  const area = (label: string, value: string, set: (text: string) => void, rows: number) => (
    <FormField label={label} stretch>
      <Textarea value={value} rows={rows} onChange={({ detail }) => set(detail.value)} spellcheck={false} />
    </FormField>
  );
  return (
    <FormModal title="Identity provider" verb="Save" size="large" ready submit={save} onClose={onClose}>
      {isOidc && area("Audiences, one a line", audiences, setAudiences, 4)}
      {isOidc && area("Thumbprints, one a line", thumbprints, setThumbprints, 4)}
      {!isOidc && area("Metadata", metadata, setMetadata, 14)}
    </FormModal>
  );
}
