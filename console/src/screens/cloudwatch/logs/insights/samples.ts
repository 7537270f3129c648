export const FIRST_QUERY = `fields @timestamp, @message
| sort @timestamp desc
| limit 100`;

/** What people most often ask of the logs of functions and endpoints. */
export const SAMPLES = [
  { label: "The latest lines", query: FIRST_QUERY },
  {
    label: "Errors",
    query:
      "fields @timestamp, @logStream, @message\n| filter @message like /(?i)error|exception|traceback/\n| sort @timestamp desc\n| limit 100",
  },
  {
    label: "A function's duration, minute by minute",
    query:
      'filter @type = "REPORT"\n| stats avg(@duration) as average, pct(@duration, 95) as p95, max(@duration) as longest by bin(1m)',
  },
  {
    label: "Cold starts, and memory that is paid for and not used",
    query:
      'filter @type = "REPORT"\n| stats count(@initDuration) as coldStarts, count(*) as invocations, max(@memorySize / 1000 / 1000) as paidMB, max(@maxMemoryUsed / 1000 / 1000) as usedMB',
  },
  {
    label: "Which streams say the most",
    query: "stats count(*) as lines by @logStream\n| sort lines desc\n| limit 20",
  },
];
