/** An error as AWS tells it. */
export interface Refusal {
  code: string;
  message: string;
  requestId?: string | undefined;
  status?: number | undefined;
}

interface ServiceError extends Error {
  $metadata?: { requestId?: string; httpStatusCode?: number };
  Code?: string;
}

/** Reads what a client of the SDK threw; AWS's own words are kept as they are. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return { code: "Error", message: String(error) };
  const { $metadata, Code } = error as ServiceError;
  if (error.name === "AbortError") return { code: error.name, message: "Given up." };
  // A browser's fetch says no more; the SDK adds how often it has tried.
  if (error instanceof TypeError && !$metadata?.httpStatusCode)
    return { code: "NoAnswer", message: "The platform does not answer. Is it running?" };
  const status = $metadata?.httpStatusCode;
  const told = { requestId: $metadata?.requestId, status };
  // What answers HEAD has no body, and the SDK makes up a code and a message.
  if (error.message === "UnknownError" && status)
    return {
      code: SILENT[status]?.code ?? `${status}`,
      message: SILENT[status]?.message ?? NO_REASON,
      ...told,
    };
  return { code: Code ?? error.name, message: error.message || NO_REASON, ...told };
}

const NO_REASON = "No reason was given.";

/** HTTP's own names for what comes without AWS's words. */
const SILENT: Record<number, { code: string; message: string }> = {
  403: { code: "Forbidden", message: "This identity may not read it; HEAD says no more." },
  404: { code: "NotFound", message: "It is not there, or its latest version is a delete marker." },
};

/** Whether it is a matter of rights: each service has its own word for it, EC2 `UnauthorizedOperation`. */
export const isDenied = ({ code }: Pick<Refusal, "code">): boolean =>
  /AccessDenied|NotAuthorized|Forbidden|UnauthorizedOperation/.test(code);

/** Codes after which the keys that were used are worth nothing any more. */
export const endsSession = (code: string) =>
  ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidAccessKeyId"].includes(code);

/** Whether an error says that what was asked for is not there: `NoSuchBucket`, `ResourceNotFoundException`. */
export function isMissing(error: unknown): boolean {
  const { code, message } = refusalOf(error);
  return (
    /NotFound|NoSuch/.test(code) ||
    (code === "ValidationException" && /could not find|does not exist/i.test(message))
  );
}
