import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  type InstanceProfile,
  paginateListInstanceProfiles,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { orUndo } from "../../../aws/undo";
import { Ago } from "../../../blocks/Ago";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";

const nameOf = (profile: InstanceProfile) => profile.InstanceProfileName ?? "";
const roleOf = (profile: InstanceProfile) => profile.Roles?.[0]?.RoleName;

const columns: Column<InstanceProfile>[] = [
  { id: "name", header: "Name", value: nameOf, width: 320 },
  {
    id: "role",
    header: "Role",
    value: roleOf,
    cell: (profile) => {
      const role = roleOf(profile);
      return role ? <GoTo to={to("iam", "roles", role)}>{role}</GoTo> : "–";
    },
    width: 320,
  },
  { id: "arn", header: "ARN", value: (profile) => profile.Arn, width: 420, hidden: true },
  {
    id: "created",
    header: "Created",
    value: (profile) => profile.CreateDate,
    cell: (profile) => <Ago at={profile.CreateDate} />,
  },
];

const takeRole = (profile: InstanceProfile) =>
  iam().send(
    new RemoveRoleFromInstanceProfileCommand({
      InstanceProfileName: nameOf(profile),
      RoleName: roleOf(profile),
    }),
  );

/** What gives a machine a role. */
export default function ProfileList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Instance profiles" }]);
  const [open, setOpen] = useState<"create" | InstanceProfile>();
  const live = useLive(["iam", "instanceProfiles"], () =>
    collect(paginateListInstanceProfiles({ client: iam() }, {}), (page) => page.InstanceProfiles),
  );
  return (
    <>
      <ResourceList
        id="iam.profiles"
        words={{ one: "instance profile", many: "instance profiles" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[
          { id: "role", text: "Give it a role", single: true, run: ([profile]) => setOpen(profile) },
          {
            id: "take",
            text: "Take its role",
            refuses: (profile) => (roleOf(profile) ? undefined : "It has none."),
            run: async (profiles) => {
              for (const profile of profiles) await takeRole(profile);
            },
          },
        ]}
        remove={async (profile) => {
          if (roleOf(profile)) await takeRole(profile);
          await iam().send(new DeleteInstanceProfileCommand({ InstanceProfileName: nameOf(profile) }));
        }}
        removal={{ consequence: "Machines that have it lose its role's rights; the role stays." }}
        create={
          <Button variant="primary" onClick={() => setOpen("create")}>
            Create instance profile
          </Button>
        }
        empty={{ hint: "A machine that is launched with one has the rights of its role." }}
      />
      {open && (
        <ProfileForm
          profile={open === "create" ? undefined : open}
          onClose={() => {
            setOpen(undefined);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

interface FormProps {
  /** Absent where a new one is made. */
  profile: InstanceProfile | undefined;
  onClose: () => void;
}

/** Makes one, or gives another role to one: a profile has one role at most. */
function ProfileForm({ profile, onClose }: FormProps) {
  const [name, setName] = useState(profile ? nameOf(profile) : "");
  const [role, setRole] = useState("");
  const give = (RoleName: string) =>
    iam().send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName }));
  const submit = async () => {
    const RoleName = role.split("/").at(-1) ?? role;
    const before = profile && roleOf(profile);
    if (!profile) {
      await iam().send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
      await orUndo(
        () => give(RoleName),
        () => iam().send(new DeleteInstanceProfileCommand({ InstanceProfileName: name })),
      );
    } else if (before) {
      await takeRole(profile);
      await orUndo(
        () => give(RoleName),
        () => give(before),
      );
    } else await give(RoleName);
  };
  return (
    <FormModal
      title={profile ? `The role of ${name}` : "Create instance profile"}
      verb={profile ? "Give" : "Create"}
      ready={name !== "" && role !== ""}
      submit={submit}
      onClose={onClose}
    >
      {!profile && (
        <FormField label="Name">
          <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
        </FormField>
      )}
      <RoleSelect value={role} onChange={setRole} service="ec2.amazonaws.com" />
    </FormModal>
  );
}
