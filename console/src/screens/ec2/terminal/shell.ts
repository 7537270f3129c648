import { post } from "../../../aws/documents";
import { closedBy, piecesOf } from "./messages";

/** What comes from a shell. */
export interface Events {
  /** It is there, and whose. */
  opened: (user: string) => void;
  output: (bytes: Uint8Array) => void;
  /** It is over; `why` is for a person. */
  closed: (why: string) => void;
}

/** A shell in a machine, at the other end of a WebSocket. */
export interface Shell {
  type: (bytes: Uint8Array) => void;
  resize: (columns: number, rows: number) => void;
  /** How many of the output's bytes are on the screen: no more than half a megabyte beyond comes. */
  shown: (bytes: number) => void;
}

interface Ticket {
  Ticket: string;
  User: string;
}

/**
 * Opens one: a signed request gets a ticket, and the ticket is good for one WebSocket, which cannot be signed.
 *
 * @param user Whose; empty for the one whom people log in as.
 * @param signal Ends it, without a word.
 * @throws what the platform says where it gives no ticket
 */
export async function openShell(
  instance: string,
  user: string,
  events: Events,
  signal: AbortSignal,
): Promise<Shell> {
  const wanted = { InstanceId: instance, ...(user ? { User: user } : {}) };
  const ticket = await post<Ticket>("terminal/tickets", wanted, signal);
  const { protocol, host } = window.location;
  const way = protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(
    `${way}://${host}/_sagehen/terminal?ticket=${encodeURIComponent(ticket.Ticket)}`,
  );
  socket.binaryType = "arraybuffer";
  signal.addEventListener("abort", () => socket.close());
  let why = "The connection broke.";
  const say = (message: string | Uint8Array<ArrayBuffer>) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(message);
  };
  socket.onopen = () => signal.aborted || events.opened(ticket.User);
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (signal.aborted) return;
    if (typeof data === "string") why = closedBy(data) ?? why;
    else events.output(new Uint8Array(data));
  };
  socket.onclose = () => signal.aborted || events.closed(why);
  return {
    type: (bytes) => {
      for (const piece of piecesOf(bytes)) say(piece as Uint8Array<ArrayBuffer>);
    },
    resize: (columns, rows) => say(JSON.stringify({ resize: [columns, rows] })),
    shown: (bytes) => say(JSON.stringify({ shown: bytes })),
  };
}
