/** `GET /_sagehen/called`, as docs/console.md has it. */
export interface Called {
  since: string;
  called: { action: string; times: number; last: string }[];
  allowed: { policy: string; statement: number; action: string; times: number }[];
}
