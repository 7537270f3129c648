import { expect, it } from "vitest";
import { momentOf } from "../functions/moments";
import { languageOf, mainOf, unzipped, zipped } from "./archive";

const bytes = (text: string) => new TextEncoder().encode(text);

it("packs what it unpacks", () => {
  const files = { "app.py": bytes("x = 1\n"), "lib/ü.txt": bytes("é") };
  expect(unzipped(zipped(files))).toEqual(files);
});

it("refuses a package that would become too large", () => {
  expect(() => unzipped(zipped({ zeros: new Uint8Array(40 * 1024 * 1024) }))).toThrow(
    "more than this page shows",
  );
});

it.each([
  [["lib.py", "app.py"], "app.handler", "app.py"],
  [["a.txt", "src/main.py"], "src/main.handler", "src/main.py"],
  [["a.txt", "src/main.py"], "src.main.handler", "src/main.py"],
  [["a.txt"], "gone.handler", "a.txt"],
  [[], "app.handler", undefined],
])("of %s by %s shows %s", (paths, handler, main) => {
  expect(mainOf(paths as string[], handler as string)).toBe(main);
});

it("knows languages, and Lambda's way to write times", () => {
  expect(languageOf("a/B.PY")).toBe("python");
  expect(languageOf("Makefile")).toBe("text");
  expect(momentOf("2026-11-29T09:04:18.446+0000")?.toISOString()).toBe("2026-11-29T09:04:18.446Z");
  expect(momentOf("never")).toBeUndefined();
});
