import Alert from "@cloudscape-design/components/alert";

/** Why a job failed, where it did. */
export function Failure({ reason }: { reason: string | undefined }) {
  if (!reason) return null;
  return (
    <Alert type="error" header="The job failed">
      <pre className="text">{reason}</pre>
    </Alert>
  );
}
