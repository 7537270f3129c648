import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { newClient } from "../aws/client";
import { currentSession, type Keys, type Session } from "./session";

/** Signs in with an access key: GetCallerIdentity says whether it is right, and whose it is. */
export async function sessionOfKeys(keys: Keys, region: string): Promise<Session> {
  const client = newClient(STSClient, region, async () => keys);
  const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}));
  return { keys, account: Account, arn: Arn, region };
}

/** AssumeRole as the session that acts now; the role's keys are asked for again before they end. */
export async function sessionOfRole(roleArn: string, name: string): Promise<Session> {
  const before = currentSession();
  const client = newClient(STSClient, before.region, async () => before.keys);
  const assume = async () => {
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
