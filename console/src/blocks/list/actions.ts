import type { ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";

/** Something that can be done to what is chosen in a list. */
export interface Action<T> {
  id: string;
  text: string;
  /** Why it cannot be done to this one: `Only a running job can be stopped.` */
  refuses?: (item: T) => string | undefined;
  /** For one thing alone. */
  single?: boolean;
  run: (items: T[]) => Promise<unknown> | unknown;
}

/** The entries of the `Actions` button; what cannot be done says why. */
export function menuOf<T>(actions: Action<T>[], chosen: T[]): ButtonDropdownProps.Item[] {
  return actions.map((action) => {
    const reason = reasonAgainst(action, chosen);
    return {
      id: action.id,
      text: action.text,
      disabled: reason !== undefined,
      ...(reason ? { disabledReason: reason } : {}),
    };
  });
}

function reasonAgainst<T>(action: Action<T>, chosen: T[]): string | undefined {
  if (chosen.length === 0) return "Choose something in the list first.";
  if (action.single && chosen.length > 1) return "Only one at a time.";
  for (const item of chosen) {
    const reason = action.refuses?.(item);
    if (reason) return reason;
  }
  return undefined;
}
