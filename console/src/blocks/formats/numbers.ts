/** Whether all texts are numbers: an empty field is none, though JavaScript takes it for 0. */
export const areNumbers = (...texts: string[]): boolean =>
  texts.every((text) => text.trim() !== "" && Number.isFinite(Number(text)));

/** Whether all are whole numbers, none below zero: instances, seconds. A fraction would be cut off on its way. */
export const areCounts = (...texts: string[]): boolean => texts.every((text) => /^\s*\d{1,9}\s*$/.test(text));
