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
  if (error instanceof TypeError && !$metadata)
    return { code: "NoAnswer", message: "The platform does not answer. Is it running?" };
  return {
    code: Code ?? error.name,
    message: error.message || "No reason was given.",
    requestId: $metadata?.requestId,
    status: $metadata?.httpStatusCode,
  };
}

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
