import type {
  FunctionEventInvokeConfig,
  PutFunctionEventInvokeConfigCommandInput,
} from "@aws-sdk/client-lambda";

/** How long an event may wait, in seconds, and how often it is tried again: documented, PutFunctionEventInvokeConfig. */
export const AGE = { least: 60, most: 21_600 };
export const MOST_RETRIES = 2;

/** What happens to asynchronous calls, as a form has it. */
export interface Settings {
  /** `$LATEST`, a version, an alias. */
  qualifier: string;
  age: string;
  retries: string;
  /** ARNs of functions; empty for none. */
  success: string;
  failure: string;
}

/** The version or alias that a configuration is of: the last part of its function's ARN. */
export const qualifierOf = ({ FunctionArn = "" }: FunctionEventInvokeConfig): string =>
  FunctionArn.split(":")[7] ?? "$LATEST";

export function settingsOf(config: FunctionEventInvokeConfig | undefined): Settings {
  return {
    qualifier: config ? qualifierOf(config) : "$LATEST",
    age: String(config?.MaximumEventAgeInSeconds ?? AGE.most),
    retries: String(config?.MaximumRetryAttempts ?? MOST_RETRIES),
    success: config?.DestinationConfig?.OnSuccess?.Destination ?? "",
    failure: config?.DestinationConfig?.OnFailure?.Destination ?? "",
  };
}

const isBetween = (text: string, least: number, most: number) =>
  /^\s*\d{1,5}\s*$/.test(text) && Number(text) >= least && Number(text) <= most;

export const areSettings = ({ qualifier, age, retries }: Settings): boolean =>
  qualifier !== "" && isBetween(age, AGE.least, AGE.most) && isBetween(retries, 0, MOST_RETRIES);

/** What PutFunctionEventInvokeConfig is told: all of it, since what is left out goes back to its default. */
export function inputOf(
  FunctionName: string,
  { qualifier, age, retries, success, failure }: Settings,
): PutFunctionEventInvokeConfigCommandInput {
  return {
    FunctionName,
    Qualifier: qualifier,
    MaximumEventAgeInSeconds: Number(age),
    MaximumRetryAttempts: Number(retries),
    DestinationConfig: {
      ...(success ? { OnSuccess: { Destination: success } } : {}),
      ...(failure ? { OnFailure: { Destination: failure } } : {}),
    },
  };
}
