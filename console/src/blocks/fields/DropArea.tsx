import Box from "@cloudscape-design/components/box";
import { type DragEvent, useRef, useState } from "react";

interface Props {
  label: string;
  hint?: string;
  accept?: string;
  multiple?: boolean;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
  /** Takes what was dropped instead of `onFiles`, for whom files are not enough: folders. */
  onDropped?: (event: DragEvent) => void;
}

/** A place to drop files on; a press opens the system's own choice, so that keys alone do. */
export function DropArea({
  label,
  hint,
  accept,
  multiple = false,
  disabled = false,
  onFiles,
  onDropped,
}: Props) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (disabled) return;
    if (onDropped) onDropped(event);
    else onFiles([...event.dataTransfer.files]);
  };
  return (
    <>
      <button
        type="button"
        className={over ? "drop over" : "drop"}
        disabled={disabled}
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Box variant="strong" color="inherit">
          {label}
        </Box>
        {hint && (
          <Box variant="small" color="text-body-secondary">
            {hint}
          </Box>
        )}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        aria-label={label}
        {...(accept ? { accept } : {})}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </>
  );
}
