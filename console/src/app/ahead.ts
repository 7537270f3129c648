/** Resolves when the browser has nothing better to do. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 5_000 });
    else setTimeout(resolve, 500); // Safari
  });

/**
 * Loads one part after another, each when `rest` is over; ends at the first that cannot be loaded, or when told so.
 *
 * What a browser failed to load once it never loads again in this tab (HTML standard, module map): a page that is
 * first wanted while the platform is away would be lost until the next sign-in. So none is left to be wanted.
 */
export async function loadAhead(
  parts: (() => Promise<unknown>)[],
  rest: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const load of parts) {
    await rest();
    if (signal.aborted) return;
    try {
      await load();
    } catch {
      return;
    }
  }
}
