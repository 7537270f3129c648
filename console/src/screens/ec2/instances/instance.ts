import type { Instance, Tag } from "@aws-sdk/client-ec2";
import { quoted } from "../../../equivalents/cli";
import { fileOf } from "../keys/file";

export const idOf = (instance: Instance): string => instance.InstanceId ?? "";

export const stateOf = (instance: Instance): string => instance.State?.Name ?? "";

/** The value of the tag `Name`, which is what EC2 calls a name. */
export const named = (tags: Tag[] | undefined): string | undefined =>
  tags?.find(({ Key }) => Key === "Name")?.Value;

/** Whether its state is on the way to another. */
export const isChanging = (instance: Instance): boolean =>
  ["pending", "stopping", "shutting-down"].includes(stateOf(instance));

/** Why it cannot be started, stopped, rebooted or terminated, if so. */
export function refusesTo(
  verb: "start" | "stop" | "reboot" | "terminate",
  instance: Instance,
): string | undefined {
  const state = stateOf(instance);
  const allowed = {
    start: ["stopped"],
    stop: ["pending", "running"],
    reboot: ["running"],
    terminate: ["pending", "running", "stopping", "stopped"],
  }[verb];
  return allowed.includes(state) ? undefined : `It is ${state}.`;
}

/** How one gets into it from a terminal. */
export function waysIn(instance: Instance, user: string): { title: string; command: string }[] {
  const id = idOf(instance);
  const key = instance.KeyName;
  return [
    { title: "At once, with a key for this one time", command: `sagehen ssh ${id}` },
    ...(key && instance.PublicIpAddress
      ? [
          {
            title: "By its key pair",
            command: `ssh -i ${quoted(`./${fileOf(key)}`)} ${user}@${instance.PublicIpAddress}`,
          },
        ]
      : []),
    {
      title: "One command, without SSH",
      command:
        `aws ssm send-command --instance-ids ${id} --document-name AWS-RunShellScript ` +
        `--parameters 'commands=["nproc"]'`,
    },
  ];
}

/** Who one is on a machine of this image: AWS's own rule, by the image's name. */
export const userOf = (imageName: string | undefined): string =>
  imageName?.toLowerCase().includes("ubuntu") ? "ubuntu" : "ec2-user";

/** What GetConsoleOutput told, as text; it comes in base64. */
export function consoleText(output: string | undefined): string {
  if (!output) return "";
  const bytes = Uint8Array.from(atob(output), (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
