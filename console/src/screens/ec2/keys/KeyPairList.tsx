import {
  CreateKeyPairCommand,
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  type KeyPairInfo,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { Ago } from "../../../blocks/Ago";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { save } from "../../s3/objects/download";
import { ec2 } from "../client";
import { fileOf } from "./file";

const nameOf = (pair: KeyPairInfo) => pair.KeyName ?? "";

const columns: Column<KeyPairInfo>[] = [
  { id: "name", header: "Name", value: nameOf, width: 240 },
  { id: "type", header: "Type", value: (pair) => pair.KeyType },
  { id: "fingerprint", header: "Fingerprint", value: (pair) => pair.KeyFingerprint, width: 420 },
  {
    id: "created",
    header: "Created",
    value: (pair) => pair.CreateTime,
    cell: (pair) => <Ago at={pair.CreateTime} />,
  },
];

/** The private key is told this once, and goes straight into a file. */
async function create(KeyName: string): Promise<void> {
  const made = await ec2().send(new CreateKeyPairCommand({ KeyName, KeyType: "ed25519" }));
  save(new Blob([made.KeyMaterial ?? ""], { type: "application/x-pem-file" }), fileOf(KeyName));
}

/** All key pairs. */
export default function KeyPairList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Key pairs" }]);
  const [creating, setCreating] = useState(false);
  const live = useLive(
    ["ec2", "keys"],
    async () => (await ec2().send(new DescribeKeyPairsCommand({}))).KeyPairs ?? [],
  );
  return (
    <>
      <ResourceList
        id="ec2.keys"
        words={{ one: "key pair", many: "key pairs" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(pair) => ec2().send(new DeleteKeyPairCommand({ KeyName: nameOf(pair) }))}
        removal={{ consequence: "Machines that were launched with it keep its public key." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create key pair
          </Button>
        }
        empty={{ hint: "Create one: its private key is saved as a file, for ssh -i." }}
      />
      {creating && (
        <CreateModal
          title="Create key pair"
          label="Name"
          hint="The private key is told this once: it is saved as NAME.pem. ssh wants it readable by you alone: chmod 400."
          create={create}
          onClose={(name) => {
            setCreating(false);
            if (name) live.refresh();
          }}
        />
      )}
    </>
  );
}
