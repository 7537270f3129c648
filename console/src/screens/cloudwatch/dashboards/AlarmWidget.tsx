import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import Box from "@cloudscape-design/components/box";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { Refused } from "../../../blocks/Refused";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { conditionOf } from "../alarms/condition";
import { cloudwatch } from "../client";

/** DescribeAlarms' own bound. */
const MOST = 100;

/** `arn:aws:cloudwatch:…:alarm:slow` → `slow`; a name is itself. */
export const alarmName = (arn: string): string => arn.split(":alarm:").at(-1) ?? arn;

/** Alarms, and how each is. */
export function AlarmWidget({ arns }: { arns: unknown }) {
  const names = (Array.isArray(arns) ? arns : []).filter((arn) => typeof arn === "string").map(alarmName);
  const live = useLive(
    ["cloudwatch", "alarms", JSON.stringify(names)],
    async () => {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch().send(
        new DescribeAlarmsCommand({
          AlarmNames: names.slice(0, MOST),
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          MaxRecords: MOST,
        }),
      );
      return [...MetricAlarms, ...CompositeAlarms];
    },
    { enabled: names.length > 0 },
  );
  return (
    <>
      <Refused of={live.refusal} />
      <ul className="alarms">
        {names.map((name) => {
          const alarm = live.data?.find(({ AlarmName }) => AlarmName === name);
          return (
            <li key={name}>
              <Status of={alarm?.StateValue ?? (live.data ? "missing" : "…")} />{" "}
              <GoTo to={to("cloudwatch", "alarms", name)}>{name}</GoTo>{" "}
              {alarm && (
                <Box color="text-body-secondary" display="inline" fontSize="body-s">
                  {conditionOf(alarm)}
                </Box>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
