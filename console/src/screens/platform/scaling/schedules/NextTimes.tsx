import { ownZone } from "./form";
import { inZone } from "./next";

/** The next times of a schedule, by its own clock, and by that of whoever looks where it is another. */
export function NextTimes({ times, zone }: { times: Date[]; zone: string }) {
  const own = ownZone();
  return (
    <>
      {times.map((time) => (
        <div key={time.getTime()}>
          {inZone(time, zone)}
          {own !== zone && ` (${inZone(time, own)} here)`}
        </div>
      ))}
    </>
  );
}
