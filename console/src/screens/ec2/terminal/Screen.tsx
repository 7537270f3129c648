import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef } from "react";
import { notify } from "../../../app/notices";
import { bytesOf, Shown } from "./messages";
import { openShell, type Shell } from "./shell";

interface Props {
  instance: string;
  /** Empty for the one whom people log in as. */
  user: string;
  /** Where keys go when somebody leaves the terminal by Ctrl+Shift+. */
  onLeave: () => void;
  onOpened: (user: string) => void;
  /** It is over; a refusal is thrown by the platform, a reason is told. */
  onClosed: (why: unknown) => void;
}

/** Dark on a light page, too: programs choose their colours for it. */
const THEME = {
  background: "#0f141a",
  foreground: "#e8eaed",
  cursor: "#7dd3a8",
  selectionBackground: "#3a5a78",
};
const LINES_KEPT = 10_000;

/** A terminal on a shell of a machine: it lives as long as it is shown. */
export default function Screen({ instance, user, onLeave, onOpened, onClosed }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const told = useRef({ onLeave, onOpened, onClosed });
  told.current = { onLeave, onOpened, onClosed };

  useEffect(() => {
    if (!place.current) return undefined;
    const over = new AbortController();
    const terminal = new Terminal({
      theme: THEME,
      fontFamily: '"Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
      fontSize: 14,
      cursorBlink: true,
      scrollback: LINES_KEPT,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place.current);
    const watched = new ResizeObserver(() => fit.fit());
    watched.observe(place.current);
    terminal.attachCustomKeyEventHandler((event) => obey(event, terminal, () => told.current.onLeave()));

    let shell: Shell | undefined;
    const shown = new Shown();
    const letters = new TextEncoder();
    terminal.onData((text) => shell?.type(letters.encode(text)));
    terminal.onBinary((text) => shell?.type(bytesOf(text)));
    terminal.onResize(({ cols, rows }) => shell?.resize(cols, rows));
    const closed = (why: unknown) => {
      shell = undefined;
      terminal.options.cursorBlink = false;
      terminal.options.disableStdin = true;
      told.current.onClosed(why);
    };
    const opened = (whose: string) => {
      fit.fit();
      shell?.shown(0);
      shell?.resize(terminal.cols, terminal.rows);
      terminal.focus();
      told.current.onOpened(whose);
    };
    const output = (bytes: Uint8Array) =>
      terminal.write(bytes, () => {
        const count = shown.add(bytes.length);
        if (count !== undefined) shell?.shown(count);
      });
    openShell(instance, user, { opened, output, closed }, over.signal).then(
      (made) => {
        shell = made;
      },
      (error: unknown) => over.signal.aborted || closed(error),
    );
    return () => {
      over.abort();
      watched.disconnect();
      terminal.dispose();
    };
  }, [instance, user]);

  return <div ref={place} className="machine-screen" />;
}

/**
 * Keys that are not the shell's: Ctrl+C copies what is chosen, and interrupts where nothing is; Ctrl+Shift+C and V are
 * every terminal's; Ctrl+Shift+. leaves it, since Tab is the shell's. `false` keeps a key from the shell.
 */
function obey(event: KeyboardEvent, terminal: Terminal, leave: () => void): boolean {
  if (event.type !== "keydown" || !event.ctrlKey || event.altKey || event.metaKey) return true;
  const key = event.key.toLowerCase();
  if (key === "c" && terminal.hasSelection()) {
    event.preventDefault();
    const chosen = terminal.getSelection();
    navigator.clipboard.writeText(chosen).catch((error: unknown) => notify.error("Copy", error));
    terminal.clearSelection();
    return false;
  }
  if (!event.shiftKey) return true;
  if (event.code === "Period") {
    event.preventDefault();
    leave();
    return false;
  }
  // The browser pastes by itself, and tells the terminal.
  return key !== "v" && key !== "c";
}
