import { drawStill } from "./app/still";
import { exchange, takeToken } from "./session/token";

// A script of its own, two kilobytes (vite.config.ts): it runs while the rest of the first page is still on its way.
const token = takeToken();

/** The session that the address's token is good for, asked for as early as can be; nothing without a token. */
export const arriving = token ? exchange(token) : undefined;
// Whoever shows the page shows the refusal, too; until then it is no unhandled one.
arriving?.catch(() => undefined);
// Who has no token sees the login; other pages have headings of their own.
if (token && window.location.pathname === import.meta.env.BASE_URL) drawStill();
