import { expect, it, vi } from "vitest";
import { orUndo } from "./undo";

it("takes back what a refused step leaves, and tells the refusal even where that fails", async () => {
  const undo = vi.fn(() => Promise.reject(new Error("not allowed either")));
  await expect(orUndo(() => Promise.reject(new Error("refused")), undo)).rejects.toThrow("refused");
  expect(undo).toHaveBeenCalledOnce();
});

it("leaves what went well", async () => {
  const undo = vi.fn(async () => undefined);
  expect(await orUndo(async () => 1, undo)).toBe(1);
  expect(undo).not.toHaveBeenCalled();
});
