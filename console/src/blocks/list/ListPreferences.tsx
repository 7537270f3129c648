import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import type { Words } from "../formats/words";
import type { Column } from "./columns";
import type { Preferences } from "./preferences";

interface Props<T> {
  words: Words;
  columns: Column<T>[];
  preferences: Preferences;
  onChange: (chosen: Preferences) => void;
}

/** The wheel beside a list: columns, rows of a page, wrapping, density. */
export function ListPreferences<T>({ words, columns, preferences, onChange }: Props<T>) {
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={preferences}
      onConfirm={({ detail }) => onChange(detail)}
      pageSizePreference={{
        title: "Page size",
        options: [10, 20, 50, 100].map((value) => ({ value, label: `${value} ${words.many}` })),
      }}
      wrapLinesPreference={{ label: "Wrap lines", description: "Show all of a long text" }}
      contentDensityPreference={{ label: "Compact", description: "More rows on the same screen" }}
      contentDisplayPreference={{
        title: "Columns",
        options: columns.map(({ id, header }, index) => ({ id, label: header, alwaysVisible: index === 0 })),
      }}
    />
  );
}
