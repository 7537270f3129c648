import { CreateResourceCommand, DeleteResourceCommand, type Resource } from "@aws-sdk/client-api-gateway";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { KeyValues } from "../../../blocks/KeyValues";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { gateway } from "../client";
import { EnableCors } from "../cors/EnableCors";
import { CreateMethod } from "../methods/CreateMethod";
import { verbsOf } from "./tree";

interface Props {
  api: string;
  resource: Resource;
  /** What is to be shown next. */
  onChanged: (resource: string, method?: string) => void;
}

/** One resource: methods and resources are added to it, or it goes. */
export function ResourceView({ api, resource, onChanged }: Props) {
  const [open, setOpen] = useState<"child" | "method" | "cors" | "delete">();
  const made = useRef("");
  const { id = "", path = "", parentId } = resource;
  const createChild = async (pathPart: string) => {
    const child = await gateway().send(new CreateResourceCommand({ restApiId: api, parentId: id, pathPart }));
    made.current = child.id ?? "";
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {parentId && <Button onClick={() => setOpen("delete")}>Delete resource</Button>}
              <Button onClick={() => setOpen("cors")}>Enable CORS</Button>
              <Button onClick={() => setOpen("child")}>Create resource</Button>
              <Button variant="primary" onClick={() => setOpen("method")}>
                Create method
              </Button>
            </SpaceBetween>
          }
        >
          {path}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <KeyValues columns={2} of={{ ID: id, Methods: verbsOf(resource).join(", ") || "none" }} />
        <Box color="text-body-secondary">What is changed here is reached when the API is deployed again.</Box>
      </SpaceBetween>
      {open === "child" && (
        <CreateModal
          title={`Create a resource in ${path}`}
          label="Path part"
          hint="images, or {name} for whatever stands there, or {rest+} for all below."
          create={createChild}
          onClose={(name) => {
            setOpen(undefined);
            if (name) onChanged(made.current);
          }}
        />
      )}
      {open === "method" && (
        <CreateMethod
          api={api}
          resource={resource}
          onClose={(verb) => {
            setOpen(undefined);
            if (verb) onChanged(id, verb);
          }}
        />
      )}
      {open === "cors" && (
        <EnableCors
          api={api}
          resource={resource}
          onClose={(done) => {
            setOpen(undefined);
            if (done) onChanged(id, "OPTIONS");
          }}
        />
      )}
      {open === "delete" && (
        <DeleteModal
          words={{ one: "resource", many: "resources" }}
          items={[path]}
          nameOf={(item) => item}
          remove={() => gateway().send(new DeleteResourceCommand({ restApiId: api, resourceId: id }))}
          consequence="Everything below it goes, too."
          onClose={(deleted) => {
            setOpen(undefined);
            if (deleted) onChanged(parentId ?? "");
          }}
        />
      )}
    </Container>
  );
}
