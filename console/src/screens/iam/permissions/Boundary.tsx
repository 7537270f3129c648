import {
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { to } from "../../../app/links";
import { notify } from "../../../app/notices";
import { GoTo } from "../../../blocks/links/GoTo";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { iam } from "../client";
import { usePolicies } from "./usePolicies";

interface Props {
  of: { kind: "role" | "user"; name: string };
  arn: string | undefined;
  onChanged: () => void;
}

const put = ({ kind, name }: Props["of"], PermissionsBoundary: string) =>
  kind === "role"
    ? iam().send(new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary }))
    : iam().send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary }));

const lift = ({ kind, name }: Props["of"]) =>
  kind === "role"
    ? iam().send(new DeleteRolePermissionsBoundaryCommand({ RoleName: name }))
    : iam().send(new DeleteUserPermissionsBoundaryCommand({ UserName: name }));

/** The permissions boundary of a role or a user: it may do what both its policies and this one allow. */
export function Boundary({ of, arn, onChanged }: Props) {
  const [setting, setSetting] = useState(false);
  const remove = async () => {
    try {
      await lift(of);
    } catch (error) {
      notify.error("Remove the boundary", error);
    }
    onChanged();
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The most that policies can allow: without one there is no bound."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {arn && <Button onClick={() => void remove()}>Remove boundary</Button>}
              <Button onClick={() => setSetting(true)}>{arn ? "Change boundary" : "Set boundary"}</Button>
            </SpaceBetween>
          }
        >
          Permissions boundary
        </Header>
      }
    >
      {arn ? (
        <GoTo to={to("iam", "policies", arn)}>{arn.split("/").at(-1)}</GoTo>
      ) : (
        <Box color="text-body-secondary">None.</Box>
      )}
      {setting && (
        <BoundaryForm
          of={of}
          arn={arn ?? ""}
          onClose={() => {
            setSetting(false);
            onChanged();
          }}
        />
      )}
    </Container>
  );
}

interface FormProps {
  of: Props["of"];
  arn: string;
  onClose: () => void;
}

function BoundaryForm({ of, arn, onClose }: FormProps) {
  const [chosen, setChosen] = useState(arn);
  const { live, options } = usePolicies();
  return (
    <FormModal
      title={`The boundary of ${of.name}`}
      verb="Set"
      ready={chosen !== "" && chosen !== arn}
      submit={() => put(of, chosen)}
      onClose={onClose}
    >
      <FormField label="Policy">
        <Refused of={live.refusal} />
        <Select
          selectedOption={options.find(({ value }) => value === chosen) ?? null}
          options={options}
          onChange={({ detail }) => setChosen(detail.selectedOption.value ?? "")}
          filteringType="auto"
          statusType={live.loading ? "loading" : "finished"}
          virtualScroll
        />
      </FormField>
    </FormModal>
  );
}
