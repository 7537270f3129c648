import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { newClient } from "../aws/client";
import { currentSession, type Keys, type Session, useSessions } from "./session";

/** Signs in with an access key: GetCallerIdentity says whether it is right, and whose it is. */
export async function sessionOfKeys(keys: Keys, region: string): Promise<Session> {
  const client = newClient(STSClient, region, async () => keys);
  const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}));
  return { keys, account: Account, arn: Arn, region };
}

/** AssumeRole as the session that acts now; the role's keys are asked for again before they end. */
export async function sessionOfRole(roleArn: string, name: string): Promise<Session> {
  const before = currentSession();
  // Whoever switched has had new keys since then: those of the switch end long before the role's.
  const place = useSessions.getState().stack.length - 1;
  const keysBelow = async () => useSessions.getState().stack[place]?.keys ?? before.keys;
  const assume = async () => {
    const client = newClient(STSClient, before.region, keysBelow);
    const { Credentials, AssumedRoleUser } = await client.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: name }),
    );
    const keys: Keys = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken,
      expiration: Credentials?.Expiration,
    };
    return { keys, arn: AssumedRoleUser?.Arn ?? roleArn };
  };
  const { keys, arn } = await assume();
  const account = arn.split(":")[4] ?? before.account;
  return { keys, arn, account, region: before.region, renew: async () => (await assume()).keys };
}
