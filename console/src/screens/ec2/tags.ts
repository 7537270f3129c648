import type { ResourceType, TagSpecification } from "@aws-sdk/client-ec2";

/** The tag `Name` for what is being made; nothing where it gets no name. */
export const nameTag = (kind: ResourceType, name: string): { TagSpecifications?: TagSpecification[] } =>
  name ? { TagSpecifications: [{ ResourceType: kind, Tags: [{ Key: "Name", Value: name }] }] } : {};
