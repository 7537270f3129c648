import { useEffect, useState } from "react";

/** A number that grows every so many seconds; with 0 it stays. */
export function useTick(seconds: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!seconds) return;
    const timer = setInterval(() => setTick((before) => before + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return tick;
}
