/** What is asked of the simulator, as it is typed. */
export interface Question {
  /** The ARN of a role or a user. */
  who: string;
  actions: string;
  resources: string;
  /** Context keys and their values, for conditions. */
  context: Record<string, string>;
}

/** Parts by lines, commas or spaces: people paste all of these. */
export const partsOf = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** The input of SimulatePrincipalPolicy; no resource means any. */
export function inputOf({ who, actions, resources, context }: Question) {
  const named = partsOf(resources);
  return {
    PolicySourceArn: who,
    ActionNames: partsOf(actions),
    ResourceArns: named.length > 0 ? named : ["*"],
    ContextEntries: Object.entries(context)
      .filter(([, value]) => value !== "")
      .map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyValues: [value],
        ContextKeyType: "string" as const,
      })),
  };
}

/** Where a statement that decided stands: an inline policy's id is its holder's kind and name before its own. */
export interface Source {
  holder: "role" | "user" | "group" | "managed";
  policy: string;
}

/** `role_classify_invoke`, of the role `classify` → the inline policy `invoke`; else a managed policy's name. */
export function sourceOf(id: string, type: string | undefined, name: string): Source {
  if (type === "role" || type === "user")
    return { holder: type, policy: id.slice(`${type}_${name}_`.length) };
  if (type === "group") return { holder: "group", policy: id.slice("group_".length) };
  return { holder: "managed", policy: id };
}

/** AWS's three decisions in words. */
export const DECISIONS: Record<string, string> = {
  allowed: "Allowed",
  explicitDeny: "Denied by a statement",
  implicitDeny: "Not allowed",
};
