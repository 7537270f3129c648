import type { CollectionPreferencesProps } from "@cloudscape-design/components/collection-preferences";
import { useState } from "react";
import { remember, remembered } from "../../app/remembered";
import type { Column } from "./columns";

export type Preferences = CollectionPreferencesProps.Preferences;

/** How somebody likes this list; columns that are new since are added at the end. */
export function usePreferences<T>(
  list: string,
  columns: Column<T>[],
): [Preferences, (chosen: Preferences) => void] {
  const [preferences, setPreferences] = useState<Preferences>(() => {
    const saved = remembered<Preferences>(`list.${list}`, {});
    const display =
      saved.contentDisplay?.filter(({ id }) => columns.some((column) => column.id === id)) ?? [];
    const added = columns.filter((column) => !display.some(({ id }) => id === column.id));
    return {
      pageSize: 20,
      wrapLines: false,
      contentDensity: "comfortable",
      ...saved,
      contentDisplay: [...display, ...added.map(({ id, hidden }) => ({ id, visible: !hidden }))],
    };
  });
  return [
    preferences,
    (chosen) => {
      setPreferences(chosen);
      remember(`list.${list}`, chosen);
    },
  ];
}
