import { unzipSync, type Zippable, zipSync } from "fflate";

/** The files of a deployment package by their paths. */
export type Files = Record<string, Uint8Array>;

/** Packages above are not unpacked in the page: what a Lambda console shows is 3 MB, too (documented: Lambda quotas). */
export const MOST_PACKAGE = 3 * 1024 * 1024;
const MOST_UNPACKED = 32 * 1024 * 1024;

/** Unpacks a package; throws for one that would become too large, before it does. */
export function unzipped(archive: Uint8Array): Files {
  let sum = 0;
  const files = unzipSync(archive, {
    filter: ({ originalSize, name }) => {
      sum += originalSize;
      if (sum > MOST_UNPACKED) throw new Error("The package holds more than this page shows.");
      return !name.endsWith("/");
    },
  });
  return files;
}

/** Packs files as Lambda wants them: readable by everybody, or the function could not import them (documented). */
export function zipped(files: Files): Uint8Array {
  const entries: Zippable = Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, [content, { attrs: 0o644 << 16, os: 3 }]]),
  );
  return zipSync(entries, { level: 6 });
}

/** What the editor colours a file as. */
export function languageOf(path: string): "python" | "json" | "javascript" | "sh" | "yaml" | "text" {
  const ending = path.split(".").at(-1)?.toLowerCase() ?? "";
  if (ending === "py") return "python";
  if (ending === "json") return "json";
  if (["js", "mjs", "cjs"].includes(ending)) return "javascript";
  if (["sh", "bash"].includes(ending)) return "sh";
  if (["yml", "yaml"].includes(ending)) return "yaml";
  return "text";
}

/** The file that is shown first: the handler's, or the first there is. */
export function mainOf(paths: string[], handler: string | undefined): string | undefined {
  const stem = (handler ?? "").split(".").slice(0, -1).join(".").replaceAll(".", "/");
  return (
    paths.find((path) => path.replace(/\.[^.]+$/, "") === stem) ??
    paths.find((path) => path.replace(/\.[^.]+$/, "") === stem.replaceAll("/", ".")) ??
    paths[0]
  );
}
