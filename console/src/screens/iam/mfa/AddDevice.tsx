import {
  CreateVirtualMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  type VirtualMFADevice,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useEffect, useState } from "react";
import { Copyable } from "../../../blocks/Copyable";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { iam } from "../client";
import { areCodes } from "./codes";
import "./qr.css";

interface Props {
  user: string;
  onClose: (done: boolean) => void;
}

/** A device of an app: made, shown as a picture to be read by it, and activated by two of its codes. */
export function AddDevice({ user, onClose }: Props) {
  const [name, setName] = useState(`${user}-phone`);
  const [device, setDevice] = useState<VirtualMFADevice>();
  const make = async () => {
    const made = await iam().send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
    setDevice(made.VirtualMFADevice);
  };
  if (device) return <Activate user={user} device={device} onClose={onClose} />;
  return (
    <FormModal
      title={`An MFA device for ${user}`}
      verb="Next"
      ready={name !== ""}
      submit={make}
      onClose={(done) => {
        // Made: what follows has taken this one's place.
        if (!done) onClose(false);
      }}
    >
      <TextField
        label="Name"
        hint="Of the app's entry. It is unique in the account."
        value={name}
        onChange={setName}
        first
      />
    </FormModal>
  );
}

interface ActivateProps {
  user: string;
  device: VirtualMFADevice;
  onClose: (done: boolean) => void;
}

function Activate({ user, device, onClose }: ActivateProps) {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const { SerialNumber, QRCodePNG, Base32StringSeed } = device;
  const picture = usePicture(QRCodePNG);
  const close = (done: boolean) => {
    // A device whose secret nobody has read is of no use, and its name would be taken.
    if (!done)
      void iam()
        .send(new DeleteVirtualMFADeviceCommand({ SerialNumber }))
        .catch(() => undefined);
    onClose(done);
  };
  return (
    <FormModal
      title={`Activate it for ${user}`}
      verb="Activate"
      ready={areCodes(first, second)}
      submit={() =>
        iam().send(
          new EnableMFADeviceCommand({
            UserName: user,
            SerialNumber,
            AuthenticationCode1: first.trim(),
            AuthenticationCode2: second.trim(),
          }),
        )
      }
      onClose={close}
    >
      <Box>
        Read this picture with an authenticator app, or type the secret into it. Both are shown this once.
      </Box>
      {picture && <img className="qr" src={picture} alt="The secret, for an authenticator app" />}
      <Copyable text={Base32StringSeed && new TextDecoder().decode(Base32StringSeed)} />
      <ColumnLayout columns={2}>
        <TextField label="A code" value={first} onChange={setFirst} placeholder="123456" first />
        <TextField
          label="The next one"
          hint="Half a minute later."
          value={second}
          onChange={setSecond}
          placeholder="654321"
        />
      </ColumnLayout>
    </FormModal>
  );
}

/** Bytes of a PNG as an address, for as long as it is shown. */
function usePicture(bytes: Uint8Array | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!bytes) return;
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type: "image/png" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return address;
}
