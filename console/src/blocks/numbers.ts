/** Whether all texts are numbers: an empty field is none, though JavaScript takes it for 0. */
export const areNumbers = (...texts: string[]): boolean =>
  texts.every((text) => text.trim() !== "" && Number.isFinite(Number(text)));
