import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";
import { isDenied, type Refusal } from "../aws/refusal";

/** An error with AWS's own message, its code, and the request's id. */
export function RefusalText({ of }: { of: Refusal }) {
  return (
    <>
      <Box variant="span" color="inherit">
        {of.message}
      </Box>
      <Box variant="small" color="inherit" display="block">
        {[of.code, of.status, of.requestId].filter(Boolean).join(" · ")}
      </Box>
    </>
  );
}

/** Stands where something could not be shown. */
export function Refused({ of, action }: { of: Refusal | undefined; action?: ReactNode }) {
  if (!of) return null;
  const denied = isDenied(of);
  return (
    <Alert
      type={denied ? "warning" : "error"}
      header={denied ? "You may not see this" : of.code}
      action={action}
    >
      <RefusalText of={of} />
    </Alert>
  );
}
