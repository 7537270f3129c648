/** What a function's log tail says of its run: the REPORT line, of which each part is optional (documented). */
export interface Report {
  requestId: string | undefined;
  durationMs: number | undefined;
  billedMs: number | undefined;
  initMs: number | undefined;
  memoryMb: number | undefined;
  usedMb: number | undefined;
}

const number = (log: string, pattern: RegExp) => {
  const found = pattern.exec(log)?.[1];
  return found === undefined ? undefined : Number(found);
};

export function reportIn(log: string): Report {
  const line = log.slice(log.lastIndexOf("REPORT RequestId:"));
  return {
    requestId: /RequestId: (\S+)/.exec(line)?.[1],
    durationMs: number(line, /(?<!Billed |Init )Duration: ([\d.]+) ms/),
    billedMs: number(line, /Billed Duration: ([\d.]+) ms/),
    initMs: number(line, /Init Duration: ([\d.]+) ms/),
    memoryMb: number(line, /Memory Size: ([\d.]+) MB/),
    usedMb: number(line, /Max Memory Used: ([\d.]+) MB/),
  };
}

export interface Part {
  name: string;
  milliseconds: number;
}

/** Where the time of a call went: starting the function, running it, and the way there and back. */
export function partsOf(report: Report, wholeMs: number): Part[] {
  const init = report.initMs ?? 0;
  const run = report.durationMs ?? 0;
  const parts = [
    { name: "init", milliseconds: init },
    { name: "run", milliseconds: run },
    { name: "the rest", milliseconds: Math.max(0, wholeMs - init - run) },
  ];
  return parts.filter((part) => part.milliseconds > 0);
}
