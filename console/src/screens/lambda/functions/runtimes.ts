/** The runtimes that functions run in here. */
export const RUNTIMES = ["python3.13", "python3.12", "python3.11"];
