/** One message at most: the platform takes 256 KiB, and what is pasted may be more. */
const PIECE_BYTES = 64 * 1024;
/** After so many bytes on the screen the platform is told; it sends half a megabyte more than was told. */
const TOLD_BYTES = 64 * 1024;

/** What was typed or pasted, in messages. */
export function piecesOf(bytes: Uint8Array, most: number = PIECE_BYTES): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most));
  return pieces;
}

/** Bytes of what a mouse does: each letter is one. */
export const bytesOf = (letters: string): Uint8Array =>
  Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

/** Why the platform closed a terminal; nothing where a text says something else. */
export function closedBy(text: string): string | undefined {
  try {
    const { closed } = JSON.parse(text) as { closed?: unknown };
    return typeof closed === "string" ? closed : undefined;
  } catch {
    return undefined;
  }
}

/** Counts what is on the screen, and says when the platform is to be told how much that is. */
export class Shown {
  #bytes = 0;
  #told = 0;

  /** @returns what to tell, if it is time */
  add(bytes: number): number | undefined {
    this.#bytes += bytes;
    if (this.#bytes - this.#told < TOLD_BYTES) return undefined;
    this.#told = this.#bytes;
    return this.#bytes;
  }
}
