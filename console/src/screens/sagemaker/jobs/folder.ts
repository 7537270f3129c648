/** Where a job's output is: a prefix is a folder, also where it was written without its last slash. */
export const folderOf = (uri: string | undefined): string | undefined =>
  uri === undefined || uri.endsWith("/") ? uri : `${uri}/`;
