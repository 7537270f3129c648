const GOING_ON = ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"];

/** Whether an endpoint is on its way to another state. */
export const changes = (status: string | undefined) => GOING_ON.includes(status ?? "");
