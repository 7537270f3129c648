import CodeEditor, { type CodeEditorProps } from "@cloudscape-design/components/code-editor";
import { useEffect, useState } from "react";
import { useAppearance } from "../../app/appearance";

interface Props {
  value: string;
  language: "python" | "json" | "javascript" | "sh" | "yaml" | "text";
  onChange: (text: string) => void;
  label: string;
  height?: number;
}

const THEMES: CodeEditorProps.AvailableThemes = { light: ["cloud_editor"], dark: ["cloud_editor_dark"] };

/** A code editor; it is loaded when somebody edits. */
export function Editor({ value, language, onChange, label, height = 380 }: Props) {
  const [ace, setAce] = useState<unknown>();
  const [preferences, setPreferences] = useState<Partial<CodeEditorProps.Preferences>>({ wrapLines: true });
  const look = useAppearance((state) => state.look);
  useEffect(() => {
    let gone = false;
    void import("./ace").then((module) => {
      if (!gone) setAce(module.default);
    });
    return () => {
      gone = true;
    };
  }, []);
  return (
    <CodeEditor
      ace={ace}
      loading={!ace}
      value={value}
      language={language}
      onDelayedChange={({ detail }) => onChange(detail.value)}
      preferences={{
        wrapLines: preferences.wrapLines ?? true,
        theme: look === "dark" ? "cloud_editor_dark" : "cloud_editor",
      }}
      onPreferencesChange={({ detail }) => setPreferences(detail)}
      themes={THEMES}
      editorContentHeight={height}
      ariaLabel={label}
    />
  );
}
