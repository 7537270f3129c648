import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useState } from "react";
import { notify } from "../../app/notices";
import { type Action, menuOf } from "./actions";

interface Props<T> {
  actions: Action<T>[];
  chosen: T[];
  onDone: () => void;
}

/** `Actions`: what can be done to what is chosen. */
export function ActionsButton<T>({ actions, chosen, onDone }: Props<T>) {
  const [busy, setBusy] = useState(false);
  const run = async (action: Action<T>) => {
    setBusy(true);
    try {
      await action.run(chosen);
    } catch (error) {
      notify.error(action.text, error);
    }
    setBusy(false);
    onDone();
  };
  return (
    <ButtonDropdown
      items={menuOf(actions, chosen)}
      loading={busy}
      expandToViewport
      onItemClick={({ detail }) => {
        const action = actions.find(({ id }) => id === detail.id);
        if (action) void run(action);
      }}
    >
      Actions
    </ButtonDropdown>
  );
}
