/** Events to begin with. */
export const EXAMPLES: Record<string, unknown> = {
  "A name": { name: "world" },
  "An API's request": {
    resource: "/classify",
    path: "/classify",
    httpMethod: "POST",
    headers: { "Content-Type": "application/json" },
    queryStringParameters: null,
    body: '{"image": "…"}',
    isBase64Encoded: false,
  },
  "An object in S3": {
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        s3: { bucket: { name: "bucket" }, object: { key: "image.jpg", size: 1024 } },
      },
    ],
  },
  Nothing: {},
};

/** Saved events of a function: their text by their name. */
export type Saved = Record<string, string>;

/** They share a browser's few megabytes with everything else: beyond, the oldest goes. */
const MOST_SAVED = 20;

/** With one more, or another text under the same name. */
export function withEvent(saved: Saved, name: string, text: string): Saved {
  const others = Object.entries(saved).filter(([known]) => known !== name);
  return Object.fromEntries([...others, [name, text]].slice(-MOST_SAVED));
}

export const withoutEvent = (saved: Saved, name: string): Saved =>
  Object.fromEntries(Object.entries(saved).filter(([known]) => known !== name));
