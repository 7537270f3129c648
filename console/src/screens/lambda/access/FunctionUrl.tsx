import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  type GetFunctionUrlConfigResponse,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { isMissing } from "../../../aws/refusal";
import { Copyable } from "../../../blocks/Copyable";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { KeyValues } from "../../../blocks/KeyValues";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";

interface Props {
  name: string;
  onChanged: () => void;
}

const AUTHS = [
  { value: "AWS_IAM", label: "Who signs, and may call it" },
  { value: "NONE", label: "Everybody" },
];
const MODES = [
  { value: "BUFFERED", label: "Whole, when the function ends" },
  { value: "RESPONSE_STREAM", label: "As it comes" },
];

/** A function's own address. */
export function FunctionUrl({ name, onChanged }: Props) {
  const [open, setOpen] = useState<"edit" | "delete">();
  const live = useLive(["lambda", `url ${name}`], async () => {
    try {
      return await lambda().send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  });
  const close = (done: boolean) => {
    setOpen(undefined);
    if (!done) return;
    live.refresh();
    onChanged();
  };
  const url = live.data;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {url && <Button onClick={() => setOpen("delete")}>Delete URL</Button>}
              <Button disabled={url === undefined} onClick={() => setOpen("edit")}>
                {url ? "Edit URL" : "Create function URL"}
              </Button>
            </SpaceBetween>
          }
        >
          Function URL
        </Header>
      }
    >
      <Refused of={url === undefined ? live.refusal : undefined} />
      {url ? (
        <KeyValues
          of={{
            Address: <Copyable text={url.FunctionUrl} />,
            "Who may call": AUTHS.find(({ value }) => value === url.AuthType)?.label,
            Answers: MODES.find(({ value }) => value === (url.InvokeMode ?? "BUFFERED"))?.label,
            "Pages of": url.Cors?.AllowOrigins?.join(", "),
          }}
        />
      ) : (
        <Box color="text-body-secondary">None: it is called by the API, or by what has a permission.</Box>
      )}
      {open === "edit" && <UrlForm name={name} url={url ?? undefined} onClose={close} />}
      {open === "delete" && (
        <DeleteModal
          words={{ one: "function URL", many: "function URLs" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => lambda().send(new DeleteFunctionUrlConfigCommand({ FunctionName: name }))}
          consequence="Its address answers no more; a new one is another. Permissions for it stay."
          onClose={close}
        />
      )}
    </Container>
  );
}

interface FormProps {
  name: string;
  url: GetFunctionUrlConfigResponse | undefined;
  onClose: (done: boolean) => void;
}

function UrlForm({ name, url, onClose }: FormProps) {
  const [auth, setAuth] = useState<string>(url?.AuthType ?? "AWS_IAM");
  const [mode, setMode] = useState<string>(url?.InvokeMode ?? "BUFFERED");
  const [origins, setOrigins] = useState(url?.Cors?.AllowOrigins?.join(", ") ?? "");
  const save = async () => {
    const pages = origins
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    const cors = { ...url?.Cors, AllowOrigins: pages, AllowMethods: url?.Cors?.AllowMethods ?? ["*"] };
    const input = {
      FunctionName: name,
      AuthType: auth as never,
      InvokeMode: mode as never,
      ...(pages.length > 0 ? { Cors: cors } : url?.Cors ? { Cors: {} } : {}),
    };
    if (url) await lambda().send(new UpdateFunctionUrlConfigCommand(input));
    else await lambda().send(new CreateFunctionUrlConfigCommand(input));
    if (auth === "NONE" && url?.AuthType !== "NONE") await letEverybodyIn(name);
  };
  return (
    <FormModal
      title={url ? "Function URL" : "Create function URL"}
      verb={url ? "Save" : "Create"}
      ready
      submit={save}
      onClose={onClose}
    >
      <Choice
        label="Who may call"
        description={auth === "NONE" ? "The function gets the two permissions that it takes." : ""}
        value={auth}
        options={AUTHS}
        onChange={setAuth}
      />
      <Choice label="Answers" value={mode} options={MODES} onChange={setMode} />
      <TextField
        label="Pages that may call it (CORS)"
        hint="Origins with commas between, or *. Empty for none."
        value={origins}
        onChange={setOrigins}
        placeholder="https://example.com"
      />
    </FormModal>
  );
}

/** Both rights that a URL without signatures takes since October 2025; those that are there are left. */
async function letEverybodyIn(FunctionName: string): Promise<void> {
  const everybody = { FunctionName, Principal: "*" };
  const wanted = [
    {
      StatementId: "FunctionURLAllowPublicAccess",
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE" as const,
    },
    {
      StatementId: "FunctionURLInvokeAllowPublicAccess",
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    },
  ];
  for (const one of wanted)
    try {
      await lambda().send(new AddPermissionCommand({ ...everybody, ...one }));
    } catch (error) {
      if ((error as Error).name !== "ResourceConflictException") throw error;
    }
}
