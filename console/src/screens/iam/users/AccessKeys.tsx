import {
  type AccessKey,
  type AccessKeyLastUsed,
  type AccessKeyMetadata,
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  paginateListAccessKeys,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";

/** A key, and what it was last used for; nothing where nobody may know. */
type Key = AccessKeyMetadata & { used?: AccessKeyLastUsed | undefined };

const withUse = async (key: AccessKeyMetadata): Promise<Key> => {
  const AccessKeyId = key.AccessKeyId ?? "";
  const asked = iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  return { ...key, used: (await asked.catch(() => undefined))?.AccessKeyLastUsed };
};

const idOf = (key: Key) => key.AccessKeyId ?? "";

const columns: Column<Key>[] = [
  { id: "id", header: "Access key ID", value: idOf, width: 260 },
  {
    id: "status",
    header: "Status",
    value: (key) => key.Status,
    cell: (key) => <Status of={key.Status} />,
  },
  {
    id: "created",
    header: "Created",
    value: (key) => key.CreateDate,
    cell: (key) => <Ago at={key.CreateDate} />,
  },
  {
    id: "used",
    header: "Last used",
    value: (key) => key.used?.LastUsedDate,
    cell: ({ used }) =>
      used?.LastUsedDate ? (
        <>
          <Ago at={used.LastUsedDate} />, {used.ServiceName} in {used.Region}
        </>
      ) : (
        "never"
      ),
    width: 260,
  },
];

/** A user's access keys. */
export function AccessKeys({ user }: { user: string }) {
  const [made, setMade] = useState<AccessKey>();
  const live = useLive(["iam", `keys ${user}`], async () => {
    const pages = paginateListAccessKeys({ client: iam() }, { UserName: user });
    return Promise.all((await collect(pages, (page) => page.AccessKeyMetadata)).map(withUse));
  });
  const create = async () => {
    try {
      const { AccessKey: key } = await iam().send(new CreateAccessKeyCommand({ UserName: user }));
      setMade(key);
    } catch (error) {
      notify.error("Create an access key", error);
    }
    live.refresh();
  };
  const turn = async (key: Key | undefined) => {
    if (!key) return;
    const Status = key.Status === "Active" ? "Inactive" : "Active";
    await iam().send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: idOf(key), Status }));
  };
  return (
    <SpaceBetween size="l">
      {made && (
        <Alert
          type="info"
          header="The secret is shown this once"
          dismissible
          dismissAriaLabel="I have it"
          onDismiss={() => setMade(undefined)}
        >
          <KeyValues
            columns={2}
            of={{
              "Access key ID": <Copyable text={made.AccessKeyId} />,
              "Secret access key": <Copyable text={made.SecretAccessKey} />,
            }}
          />
        </Alert>
      )}
      <ResourceList
        id="iam.keys"
        words={{ one: "access key", many: "access keys" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        actions={[{ id: "turn", text: "Activate or deactivate", single: true, run: ([key]) => turn(key) }]}
        remove={(key) => iam().send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: idOf(key) }))}
        create={<Button onClick={() => void create()}>Create access key</Button>}
        empty={{ hint: "With a key a program is this user." }}
      />
    </SpaceBetween>
  );
}
