// How somebody likes the console to look: columns, page sizes, light or dark. Never anything of a session: pages that
// users put into buckets have this origin, too, and can read what is kept here.
const PREFIX = "sagehen.console.";

export function remembered<T>(name: string, otherwise: T): T {
  try {
    const text = window.localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise; // storage that is switched off, or that somebody else wrote into
  }
}

export function remember(name: string, value: unknown): void {
  try {
    window.localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Full, or switched off: then it is forgotten.
  }
}
