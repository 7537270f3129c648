/** Whether a tracking server is on its way to another state. */
export const changes = (status: string | undefined) => /ing$/.test(status ?? "");

/** Whether it has a page, and takes runs. */
export const isAnswering = (status: string | undefined) =>
  ["Created", "Updated", "Started"].includes(status ?? "");

/** Whether it can be started. */
export const isDown = (status: string | undefined) =>
  ["Stopped", "CreateFailed", "UpdateFailed", "StartFailed"].includes(status ?? "");
