import { CreateRepositoryCommand, type ImageTagMutability } from "@aws-sdk/client-ecr";
import { useState } from "react";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ecr } from "../client";
import { MUTABILITIES } from "./mutability";

/** Makes a repository; its name, or nothing, goes to `onClose`. */
export function CreateRepository({ onClose }: { onClose: (name: string | undefined) => void }) {
  const [repositoryName, setName] = useState("");
  const [mutability, setMutability] = useState<string>("MUTABLE");
  const create = () =>
    ecr().send(
      new CreateRepositoryCommand({ repositoryName, imageTagMutability: mutability as ImageTagMutability }),
    );
  return (
    <FormModal
      title="Create repository"
      verb="Create"
      ready={repositoryName !== ""}
      submit={create}
      onClose={(done) => onClose(done ? repositoryName : undefined)}
    >
      <TextField
        label="Name"
        first
        hint="Lower-case letters, digits, and . _ - between them; / for folders: team/mine"
        value={repositoryName}
        onChange={setName}
      />
      <Choice label="Tags" value={mutability} options={MUTABILITIES} onChange={setMutability} />
    </FormModal>
  );
}
