import type { ImageTagMutability } from "@aws-sdk/client-ecr";

export const MUTABILITIES = [
  { value: "MUTABLE", label: "Mutable", description: "A push may move a tag to another image" },
  {
    value: "IMMUTABLE",
    label: "Immutable",
    description: "A tag stays with its image: the next push of it is refused",
  },
] as const;

/** Whether tags stay where they are, in a word. */
export const mutabilityOf = (mutability: ImageTagMutability | undefined): string =>
  MUTABILITIES.find(({ value }) => value === mutability)?.label ?? mutability ?? "";
