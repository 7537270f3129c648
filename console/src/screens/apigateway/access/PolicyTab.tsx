import { type RestApi, UpdateRestApiCommand } from "@aws-sdk/client-api-gateway";
import { DocumentBox } from "../../iam/documents/DocumentBox";
import { gateway } from "../client";
import { EXAMPLE, readablePolicy } from "./policy";

/** Who may call an API, and from where, by its own policy. */
export function PolicyTab({ api, onSaved }: { api: RestApi; onSaved: () => void }) {
  const put = async (value: string) => {
    const patchOperations = [{ op: "replace" as const, path: "/policy", value }];
    await gateway().send(new UpdateRestApiCommand({ restApiId: api.id, patchOperations }));
    onSaved();
  };
  return (
    <DocumentBox
      title="Resource policy"
      description="A stage has it once the API is deployed again. Without one, every method's authorization decides alone."
      kind="resource"
      text={readablePolicy(api.policy)}
      save={put}
      remove={() => put("")}
      none={{
        hint: "It has none: whom a method's authorization lets in may call it from everywhere.",
        example: EXAMPLE,
      }}
    />
  );
}
