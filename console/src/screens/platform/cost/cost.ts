/** `GET /_sagehen/cost`, as docs/console.md has it. */
export interface Cost {
  usdPerHour: number;
  usdThisMonth: number;
  usdMonthAtThisRate: number;
  usdIdlePerHour: number;
  items: Item[];
  leftOut: string[];
  note: string;
}

export interface Item {
  /** `endpoint`, `notebook-instance`, `training-job`, `warm-pool`, `instance`, `volume`, `function`. */
  kind: string;
  name: string;
  what: string;
  /** Null where no price is known. */
  usdPerHour: number | null;
  usdThisMonth: number | null;
  since: string | null;
  idle: string;
}
