import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { LogView } from "../../../blocks/log/LogView";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { consoleText } from "./instance";

/** What a machine has said on its console: its boot, its user data, its end. */
export function Console({ id }: { id: string }) {
  const live = useLive(["ec2", "console", id], async () => {
    const told = await ec2().send(new GetConsoleOutputCommand({ InstanceId: id }));
    return { text: consoleText(told.Output), at: told.Timestamp?.getTime() ?? 0 };
  });
  const at = live.data?.at ?? 0;
  const lines = (live.data?.text ?? "").split(/\r?\n/).map((text) => ({ at, text }));
  if (lines.at(-1)?.text === "") lines.pop();
  return (
    <LogView
      log={{ lines, cut: false, refusal: live.refusal }}
      empty={live.loading ? "Loading …" : "It has said nothing yet."}
      untimed
    />
  );
}
