/** `GET /_sagehen/machine`, as docs/console.md has it. */
export interface Machine {
  version: string;
  began: string;
  timeScale: number;
  isolation: string;
  host: {
    cpus: number;
    gpus: number;
    load: number[];
    cpuPercent: number;
    memoryBytes: number;
    memoryAvailableBytes: number;
  };
  platform: { cpuPercent: number; memoryBytes: number; openFiles: number; openFilesLimit: number };
  disk: { totalBytes: number; freeBytes: number };
  connections: { open: number; limit: number };
  sandboxCount: number;
  sandboxes: Sandbox[];
  warm: { name: string; children: number; memoryBytes: number | null }[];
  errors: { at: string; level: string; message: string }[];
}

export interface Sandbox {
  name: string;
  pid: number;
  cpuSeconds: number;
  cpus: number;
  memoryBytes: number;
  peakMemoryBytes: number;
  memoryLimitBytes: number;
  warmParent: string | null;
}
