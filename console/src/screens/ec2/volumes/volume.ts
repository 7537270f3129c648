import type { Volume, VolumeAttachment } from "@aws-sdk/client-ec2";

/** AWS's kinds; the newest first. */
export const KINDS = ["gp3", "gp2", "io2", "io1", "st1", "sc1", "standard"];

export const idOf = (volume: Volume): string => volume.VolumeId ?? "";

/** What has a machine of its own; one that is being detached has not let go yet. */
export const attachmentOf = (volume: Volume): VolumeAttachment | undefined => volume.Attachments?.[0];

/** Whether it is on the way to another state. */
export const isChanging = (volume: Volume): boolean =>
  /ing$/.test(volume.State ?? "") || /ing$/.test(attachmentOf(volume)?.State ?? "");

/** Why it cannot be attached, detached or deleted, if so. */
export function refusesTo(verb: "attach" | "detach" | "delete", volume: Volume): string | undefined {
  const where = attachmentOf(volume);
  if (verb === "detach") return where ? undefined : "No machine has it.";
  if (where) return `${where.InstanceId} has it: detach it first.`;
  return volume.State === "available" ? undefined : `It is ${volume.State}.`;
}

const LETTERS = [..."fghijklmnop"];

/** The first of `/dev/sdf` to `/dev/sdp`, which AWS leaves to its users, that a machine does not have yet. */
export function freeDevice(taken: readonly (string | undefined)[]): string {
  const last = new Set(taken.map((name) => name?.at(-1)));
  return `/dev/sd${LETTERS.find((letter) => !last.has(letter)) ?? "f"}`;
}

/** What ModifyVolume is told: only what is another than before. */
export function changesOf(
  volume: Volume,
  wanted: { size: string; kind: string; iops: string },
): { Size?: number; VolumeType?: never; Iops?: number } {
  const [size, iops] = [Number(wanted.size), Number(wanted.iops)];
  return {
    ...(size && size !== volume.Size ? { Size: size } : {}),
    ...(wanted.kind !== volume.VolumeType ? { VolumeType: wanted.kind as never } : {}),
    ...(iops && iops !== volume.Iops ? { Iops: iops } : {}),
  };
}
