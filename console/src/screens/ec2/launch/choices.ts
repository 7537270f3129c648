import type { Image, RunInstancesCommandInput } from "@aws-sdk/client-ec2";

/** `/_sagehen/prices`, as docs/console.md has it: what is needed of it here. */
export interface Prices {
  instanceTypes: InstanceType[];
}

export interface InstanceType {
  name: string;
  vcpus: number;
  memoryGib: number;
  gpus: number;
  gpu: string;
  usdPerHour: number | null;
}

/** What somebody has filled in. */
export interface Wish {
  name: string;
  image: string;
  type: string;
  count: number;
  key: string;
  groups: string[];
  profile: string;
  sizeGb: number;
  userData: string;
  spot: boolean;
}

/** Types of machines in order of price; SageMaker's begin with `ml.` and are none of EC2's. */
export const machineTypes = (types: InstanceType[]): InstanceType[] =>
  types
    .filter(({ name }) => !name.startsWith("ml."))
    .sort((a, b) => (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity));

/** `2 processors, 8 GiB, 1 × L4`. */
export const sizeOf = ({ vcpus, memoryGib, gpus, gpu }: InstanceType): string =>
  [`${vcpus} processors`, `${memoryGib} GiB`, ...(gpus ? [`${gpus} × ${gpu || "GPU"}`] : [])].join(", ");

/** The newest image of each kind comes first. */
export const newestFirst = (images: Image[]): Image[] =>
  [...images].sort((a, b) => (b.CreationDate ?? "").localeCompare(a.CreationDate ?? ""));

/** UTF-8 in base64, as RunInstances wants user data. */
export function base64(text: string): string {
  let letters = "";
  for (const byte of new TextEncoder().encode(text)) letters += String.fromCharCode(byte);
  return btoa(letters);
}

/** The request for a wish; what was left empty is not asked for. */
export function requestOf(wish: Wish, rootDevice: string | undefined): RunInstancesCommandInput {
  return {
    ImageId: wish.image,
    InstanceType: wish.type as never,
    MinCount: wish.count,
    MaxCount: wish.count,
    ...(wish.key ? { KeyName: wish.key } : {}),
    ...(wish.groups.length ? { SecurityGroupIds: wish.groups } : {}),
    ...(wish.profile ? { IamInstanceProfile: { Name: wish.profile } } : {}),
    ...(wish.sizeGb && rootDevice
      ? { BlockDeviceMappings: [{ DeviceName: rootDevice, Ebs: { VolumeSize: wish.sizeGb } }] }
      : {}),
    ...(wish.userData.trim() ? { UserData: base64(wish.userData) } : {}),
    ...(wish.spot ? { InstanceMarketOptions: { MarketType: "spot" as const } } : {}),
    ...(wish.name
      ? {
          TagSpecifications: [
            { ResourceType: "instance" as const, Tags: [{ Key: "Name", Value: wish.name }] },
          ],
        }
      : {}),
  };
}
