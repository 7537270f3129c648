import {
  DeactivateMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  type MFADevice,
  paginateListMFADevices,
  ResyncMFADeviceCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { TextField } from "../../../blocks/fields/TextField";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { AddDevice } from "./AddDevice";
import { areCodes, deviceOf } from "./codes";

const idOf = (device: MFADevice) => deviceOf(device.SerialNumber);

const columns: Column<MFADevice>[] = [
  { id: "name", header: "Device", value: idOf, width: 240 },
  {
    id: "enabled",
    header: "Activated",
    value: (device) => device.EnableDate,
    cell: (device) => <Ago at={device.EnableDate} />,
    width: 150,
  },
  {
    id: "serial",
    header: "Serial number",
    value: (device) => device.SerialNumber,
    cell: (device) => <Copyable text={device.SerialNumber} />,
    width: 400,
  },
];

/** A device of an app goes by two calls: it is given back, then it is no more. */
export async function removeDevice(UserName: string, SerialNumber: string | undefined): Promise<void> {
  await iam().send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
  if (SerialNumber?.startsWith("arn:")) await iam().send(new DeleteVirtualMFADeviceCommand({ SerialNumber }));
}

/** A user's second factors: policies ask for them by aws:MultiFactorAuthPresent. */
export function MfaDevices({ user }: { user: string }) {
  const [open, setOpen] = useState<"new" | MFADevice>();
  const live = useLive(["iam", `mfa ${user}`], () =>
    collect(paginateListMFADevices({ client: iam() }, { UserName: user }), (page) => page.MFADevices),
  );
  const close = (done: boolean) => {
    setOpen(undefined);
    if (done) live.refresh();
  };
  return (
    <>
      <ResourceList
        id="iam.mfa"
        words={{ one: "MFA device", many: "MFA devices" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        actions={[{ id: "resync", text: "Resync", single: true, run: ([device]) => setOpen(device) }]}
        remove={(device) => removeDevice(user, device.SerialNumber)}
        removal={{ consequence: "What policies allow with a second factor alone is refused to this user." }}
        create={<Button onClick={() => setOpen("new")}>Add MFA device</Button>}
        empty={{ hint: "A code of an app beside the key: policies may ask for it." }}
      />
      {open === "new" && <AddDevice user={user} onClose={close} />}
      {open && open !== "new" && <Resync user={user} device={open} onClose={close} />}
    </>
  );
}

interface ResyncProps {
  user: string;
  device: MFADevice;
  onClose: (done: boolean) => void;
}

function Resync({ user, device, onClose }: ResyncProps) {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  return (
    <FormModal
      title={`Resync ${idOf(device)}`}
      verb="Resync"
      ready={areCodes(first, second)}
      submit={() =>
        iam().send(
          new ResyncMFADeviceCommand({
            UserName: user,
            SerialNumber: device.SerialNumber,
            AuthenticationCode1: first.trim(),
            AuthenticationCode2: second.trim(),
          }),
        )
      }
      onClose={onClose}
    >
      <ColumnLayout columns={2}>
        <TextField label="A code" value={first} onChange={setFirst} first />
        <TextField label="The next one" value={second} onChange={setSecond} />
      </ColumnLayout>
    </FormModal>
  );
}
