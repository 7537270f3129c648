/** What of an object can be shown. */
export type Kind = "image" | "text" | "video" | "audio" | "none";

const IMAGES = /\.(png|jpe?g|gif|webp|avif|bmp|ico)$/i;
const TEXTS =
  /\.(txt|md|csv|tsv|jsonl?|ya?ml|xml|html?|css|jsx?|tsx?|py|sh|ini|cfg|toml|log|sql|env|gitignore|manifest|rst|ipynb)$/i;

/** Bytes of a text that are fetched, and of an image that is shown. */
export const MOST_TEXT = 256 * 1024;
export const MOST_MEDIA = 64 * 1024 * 1024;

/** How to show an object, by its content type, or by its name where that says nothing. */
export function kindOf(key: string, contentType = ""): Kind {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  // SVG may hold scripts; as text it is harmless.
  if (type === "image/svg+xml" || /\.svg$/i.test(key)) return "text";
  for (const kind of ["image", "video", "audio"] as const) if (type.startsWith(`${kind}/`)) return kind;
  if (type.startsWith("text/") || /(json|xml|yaml|javascript|x-sh|toml)$/.test(type)) return "text";
  if (IMAGES.test(key)) return "image";
  if (TEXTS.test(key)) return "text";
  return "none";
}

/** The text of some bytes, or nothing if they are no text. */
export function textOf(content: Uint8Array): string | undefined {
  if (content.subarray(0, 4096).includes(0)) return undefined;
  return new TextDecoder().decode(content);
}
