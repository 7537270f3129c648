import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListProvisionedConcurrencyConfigsCommand,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";

/** Functions that are asked for their concurrency, each by two calls. */
export const MOST_FUNCTIONS = 60;
/** Calls that go on at once. */
const AT_ONCE = 6;

export interface Concurrency {
  name: string;
  reserved: number | undefined;
  /** Environments kept warm: requested, and there. */
  requested: number;
  available: number;
}

export interface Account {
  limit: number;
  unreserved: number;
  functions: Concurrency[];
  /** There are more functions. */
  cut: boolean;
}

/** What functions may run at once. */
export async function readConcurrency(): Promise<Account> {
  const client = aws(LambdaClient);
  const [{ AccountLimit }, functions] = await Promise.all([
    client.send(new GetAccountSettingsCommand({})),
    collect(paginateListFunctions({ client }, {}), (page) => page.Functions, MOST_FUNCTIONS + 1),
  ]);
  const names = functions.slice(0, MOST_FUNCTIONS).map(({ FunctionName = "" }) => FunctionName);
  return {
    limit: AccountLimit?.ConcurrentExecutions ?? 0,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    functions: await inTurns(names, readFunction),
    cut: functions.length > MOST_FUNCTIONS,
  };
}

async function readFunction(FunctionName: string): Promise<Concurrency> {
  const client = aws(LambdaClient);
  const [own, kept] = await Promise.all([
    client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName })),
  ]);
  const configurations = kept.ProvisionedConcurrencyConfigs ?? [];
  const sum = (numbers: (number | undefined)[]) => numbers.reduce<number>((all, one) => all + (one ?? 0), 0);
  return {
    name: FunctionName,
    reserved: own.ReservedConcurrentExecutions,
    requested: sum(configurations.map((one) => one.RequestedProvisionedConcurrentExecutions)),
    available: sum(configurations.map((one) => one.AvailableProvisionedConcurrentExecutions)),
  };
}

/** Does something with each of them, a few at once, and keeps their order. */
export async function inTurns<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE)
    done.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  return done;
}
