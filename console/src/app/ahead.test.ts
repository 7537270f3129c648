import { expect, it, vi } from "vitest";
import { loadAhead } from "./ahead";

const rest = async () => undefined;

it("loads in order, and no more after a failure", async () => {
  const loaded: string[] = [];
  const part = (name: string) => async () => loaded.push(name);
  const away = () => Promise.reject(new TypeError("Failed to fetch"));
  await loadAhead([part("a"), part("b"), away, part("c")], rest, new AbortController().signal);
  expect(loaded).toEqual(["a", "b"]);
});

it("ends when it is told so", async () => {
  const end = new AbortController();
  const second = vi.fn(async () => undefined);
  await loadAhead([async () => end.abort(), second], rest, end.signal);
  expect(second).not.toHaveBeenCalled();
});
