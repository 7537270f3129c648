import { describe, expect, test } from "vitest";
import { kindOf, manifestOf, shortDigest } from "./manifest";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("manifestOf", () => {
  test("an image has a configuration and layers, the lowest first", () => {
    const text = JSON.stringify({
      config: { digest, size: 7 },
      layers: [
        { digest: "sha256:a", size: 1, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" },
        { digest: "sha256:b", size: 2, mediaType: "application/vnd.oci.image.layer.v1.tar" },
      ],
    });
    expect(manifestOf(text)).toEqual({
      config: digest,
      layers: [
        { digest: "sha256:a", size: 1, kind: "application/vnd.oci.image.layer.v1.tar+gzip" },
        { digest: "sha256:b", size: 2, kind: "application/vnd.oci.image.layer.v1.tar" },
      ],
      machines: [],
    });
  });

  test("an index has an image for each kind of machine", () => {
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    expect(manifestOf(JSON.stringify({ manifests: [{ digest, size: 3, platform }] })).machines).toEqual([
      { digest, size: 3, kind: "linux/arm/v7" },
    ]);
  });
});

test.each([
  ["application/vnd.docker.distribution.manifest.v2+json", "Docker image"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "Docker index"],
  ["application/vnd.oci.image.manifest.v1+json", "OCI image"],
  ["application/vnd.oci.image.index.v1+json", "OCI index"],
  [undefined, ""],
])("%s is called %s", (mediaType, name) => expect(kindOf(mediaType)).toBe(name));

test("a digest is short as docker shows it", () => expect(shortDigest(digest)).toBe("0123456789ab"));
