/**
 * Does the second step of two, and takes the first one back where AWS refuses it: the next try would be told that
 * what it wants to make is there already.
 */
export async function orUndo<T>(step: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    await undo().catch(() => undefined); // the refusal is what matters
    throw error;
  }
}
