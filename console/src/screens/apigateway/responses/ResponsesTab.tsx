import {
  DeleteGatewayResponseCommand,
  type GatewayResponse,
  GetGatewayResponsesCommand,
  PutGatewayResponseCommand,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import { useMemo, useState } from "react";
import { Pairs } from "../../../blocks/fields/Pairs";
import { TextField } from "../../../blocks/fields/TextField";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { formOf, inputOf, isForm, ownerOf, typeOf, whenOf } from "./response";

const columnsOf = (
  all: readonly GatewayResponse[],
  open: (one: GatewayResponse) => void,
): Column<GatewayResponse>[] => [
  {
    id: "type",
    header: "Answer",
    value: typeOf,
    cell: (one) => (
      <Button variant="inline-link" onClick={() => open(one)} ariaLabel={`Edit ${typeOf(one)}`}>
        {typeOf(one)}
      </Button>
    ),
    width: 330,
  },
  { id: "when", header: "Given when", value: whenOf, width: 330 },
  { id: "status", header: "Status", value: (one) => one.statusCode, width: 100 },
  { id: "owner", header: "Written by", value: (one) => ownerOf(one, all), width: 150 },
  {
    id: "headers",
    header: "Headers",
    value: (one) =>
      formOf(one)
        .headers.map(([name]) => name)
        .join(", ") || undefined,
    width: 240,
  },
];

/** What an API itself answers, where no integration does. */
export function ResponsesTab({ api }: { api: string }) {
  const [open, setOpen] = useState<GatewayResponse>();
  const live = useLive(["apigateway", `responses ${api}`], async () => {
    const { items } = await gateway().send(new GetGatewayResponsesCommand({ restApiId: api, limit: 500 }));
    return items ?? [];
  });
  const columns = useMemo(() => columnsOf(live.data ?? [], setOpen), [live.data]);
  return (
    <>
      <ResourceList
        id="apigateway.responses"
        words={{ one: "gateway response", many: "gateway responses" }}
        variant="container"
        live={live}
        idOf={typeOf}
        columns={columns}
        sortedBy={{ column: "type" }}
        description="What the API answers by itself. A stage has changes once the API is deployed again."
        actions={[{ id: "edit", text: "Edit", single: true, run: ([one]) => setOpen(one) }]}
        remove={(one) =>
          gateway().send(new DeleteGatewayResponseCommand({ restApiId: api, responseType: one.responseType }))
        }
        removal={{
          verb: "Reset",
          consequence: "It is again what its family, or API Gateway, says.",
          refuses: (one) => (one.defaultResponse ? "This API has not written it." : undefined),
        }}
        empty={{ hint: "Every API has them: look again." }}
      />
      {open && (
        <ResponseModal
          api={api}
          one={open}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}

interface ModalProps {
  api: string;
  one: GatewayResponse;
  onClose: (done: boolean) => void;
}

function ResponseModal({ api, one, onClose }: ModalProps) {
  const [form, setForm] = useState(() => formOf(one));
  const change = (part: Partial<typeof form>) => setForm((before) => ({ ...before, ...part }));
  return (
    <FormModal
      title={typeOf(one)}
      verb="Save"
      size="large"
      ready={isForm(form)}
      submit={() => gateway().send(new PutGatewayResponseCommand(inputOf(api, typeOf(one), form)))}
      onClose={onClose}
    >
      <TextField
        label="Status"
        hint={`Given when ${whenOf(one)}. Empty: the status of what happened.`}
        value={form.status}
        onChange={(status) => change({ status })}
      />
      <Pairs
        label="Headers"
        description="A text in single quotes, or $context's and the request's: 'https://example.com', context.requestId, method.request.header.Origin"
        columns={["Header", "Value"]}
        rows={form.headers}
        first=""
        onChange={(headers) => change({ headers })}
        placeholders={["Access-Control-Allow-Origin", "'*'"]}
      />
      <Pairs
        label="Bodies"
        columns={["Content type", "Template"]}
        rows={form.templates}
        first=""
        long
        onChange={(templates) => change({ templates })}
        placeholders={["application/json", '{"message":$context.error.messageString}']}
      />
    </FormModal>
  );
}
