/** A part of an image: a layer of files, or for an index the image of one kind of machine. */
export interface Part {
  digest: string;
  size: number | undefined;
  /** `application/vnd.oci.image.layer.v1.tar+gzip`, `linux/amd64`. */
  kind: string;
}

export interface Manifest {
  config: string | undefined;
  layers: Part[];
  /** Of an index: an image for each kind of machine. */
  machines: Part[];
}

interface Descriptor {
  digest?: string;
  size?: number;
  mediaType?: string;
  platform?: { os?: string; architecture?: string; variant?: string };
}

/** What a manifest names, of Docker's and OCI's kinds alike. */
export function manifestOf(text: string): Manifest {
  const { config, layers, manifests } = JSON.parse(text) as {
    config?: Descriptor;
    layers?: Descriptor[];
    manifests?: Descriptor[];
  };
  const part = ({ digest = "", size, mediaType = "", platform }: Descriptor): Part => ({
    digest,
    size,
    kind: platform
      ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/")
      : mediaType,
  });
  return {
    config: config?.digest,
    layers: (layers ?? []).map(part),
    machines: (manifests ?? []).map(part),
  };
}

/** `sha256:0123…` → `0123456789ab`, as docker shows it. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12);

/** A media type in a word or two. */
export function kindOf(mediaType: string | undefined): string {
  if (!mediaType) return "";
  const index = /index|manifest\.list/.test(mediaType) ? "index" : "image";
  return mediaType.includes("docker") ? `Docker ${index}` : `OCI ${index}`;
}
