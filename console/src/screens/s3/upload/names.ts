/** A file and the key it gets. */
export interface Chosen {
  file: File;
  key: string;
}

/** Files of one drop: more go by `aws s3 cp --recursive`. */
export const MOST_FILES = 10_000;

interface FileEntry extends FileSystemEntry {
  file(done: (file: File) => void, failed: (error: DOMException) => void): void;
}

interface FolderEntry extends FileSystemEntry {
  createReader(): {
    readEntries(done: (entries: FileSystemEntry[]) => void, failed: (error: DOMException) => void): void;
  };
}

const fileOf = (entry: FileSystemEntry) =>
  new Promise<File>((resolve, reject) => (entry as FileEntry).file(resolve, reject));

async function childrenOf(entry: FileSystemEntry): Promise<FileSystemEntry[]> {
  const reader = (entry as FolderEntry).createReader();
  const found: FileSystemEntry[] = [];
  // A reader gives a hundred at a time, and none at the end.
  while (found.length < MOST_FILES) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    found.push(...some);
  }
  return found;
}

/** All files of what was dropped, folders with what is below them, up to `MOST_FILES`. */
export async function filesOf(entries: FileSystemEntry[], prefix: string): Promise<Chosen[]> {
  const found: Chosen[] = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry && found.length < MOST_FILES; entry = waiting.shift()) {
    if (entry.isFile)
      found.push({ file: await fileOf(entry), key: prefix + entry.fullPath.replace(/^\//, "") });
    else waiting.push(...(await childrenOf(entry)));
  }
  return found;
}

/** The keys of files that were chosen by name; those of a folder keep their places in it. */
export const keysOf = (files: File[], prefix: string): Chosen[] =>
  files.slice(0, MOST_FILES).map((file) => ({ file, key: prefix + (file.webkitRelativePath || file.name) }));
