/** The file of a key pair's private key; names may hold all of ASCII, and browsers put `_` where a path would begin. */
export const fileOf = (keyName: string): string => `${keyName.replace(/[/\\:*?"<>|~]/g, "_")}.pem`;
