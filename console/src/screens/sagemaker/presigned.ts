import { notify } from "../../app/notices";

/** Opens a presigned address, in a window that knows nothing of this one. */
export async function openPresigned(
  name: string,
  sign: () => Promise<{ AuthorizedUrl?: string }>,
): Promise<void> {
  // Opened after an answer, a window would be taken for an unwanted one: it is opened at the press, and sent on.
  const opened = window.open("about:blank", "_blank");
  if (opened) opened.opener = null;
  try {
    const { AuthorizedUrl } = await sign();
    if (opened && AuthorizedUrl) opened.location.replace(AuthorizedUrl);
  } catch (error) {
    opened?.close();
    notify.error(`Open ${name}`, error);
  }
}
