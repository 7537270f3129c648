"""The page that a person's browser gets at `/`: what runs here, what to try, where it is written down.

One document without any other asset: it must look the same without a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The last three are not covered by `default-src`.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1f2421;--soft:#66706a;--line:#dfe3df;--paper:#fbfbf8;--card:#fff;
--leaf:#4c7a5a;--mono:14px/1.6 ui-monospace,monospace}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9e4;--soft:#98a29b;--line:#333a35;--paper:#181c19;
--card:#1f2421;--leaf:#8fc19e}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:54rem;margin:0 auto;padding:3.5rem 1.5rem}
h1{font-size:2.3rem;margin:0;letter-spacing:-.02em}
h1 small{font-size:1rem;font-weight:400;color:var(--soft);letter-spacing:0}
h2{font-size:1.05rem;margin:2.2rem 0 .7rem}
p{max-width:44rem}.state{color:var(--leaf);font-weight:600}a{color:var(--leaf)}code{font:var(--mono)}
pre,li{background:var(--card);border:1px solid var(--line);border-radius:10px}
pre{padding:1rem 1.2rem;overflow:auto;margin:0;font:var(--mono)}pre i{color:var(--soft);font-style:normal}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.6rem;
grid-template-columns:repeat(auto-fill,minmax(19rem,1fr))}
li{padding:.6rem .9rem;display:flex;justify-content:space-between;gap:1rem;white-space:nowrap}
li span{color:var(--soft)}footer{margin-top:2.5rem;color:var(--soft);font-size:.9rem}
"""
# Run by tests/e2e/test_printed_commands.py in a shell of `sagehen env`.
COMMANDS = ("aws sts get-caller-identity", "aws s3 ls", "aws sagemaker list-training-jobs", "sagehen status")


def front_page(facts: Mapping[str, Any], url: str) -> bytes:
    """Return the page.

    Args:
        facts: As the health page tells them: `version`, `services` (number of operations by name),
            and `sandbox` and `data_option` (what commands need to find this platform) where they are told.
        url: Of this platform, as the browser called it.
    """
    services: Mapping[str, int] = facts["services"]
    cards = "".join(
        f"<li>{escape(name)} <span>{count} operation{'' if count == 1 else 's'}</span></li>"
        for name, count in services.items()
    )
    sandbox = f" Sandboxes: {escape(str(facts['sandbox']))}." if facts.get("sandbox") else ""
    option = escape(str(facts.get("data_option", "")))
    commands = "\n".join(
        escape(command) + (option if command.startswith("sagehen ") else "") for command in COMMANDS
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sagehen</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><main>
<h1>Sagehen <small>{escape(str(facts["version"]))}</small></h1>
<p><span class="state">Running.</span> An AWS machine-learning stack on this machine. This port speaks AWS's
protocols, and a browser has nothing to sign with: point a client at <code>{escape(url)}</code>.{sandbox}</p>
<h2>Try, in a shell</h2>
<pre><i># endpoint, keys, region, proxy and certificates, for this shell only</i>
eval "$(sagehen env{option})"
{commands}</pre>
<h2>What runs here</h2>
<ul>{cards}</ul>
<h2>Where it is written down</h2>
<p><code>README.md</code> in the project's folder tells the first steps, <code>docs/README.md</code> what
you can do, a page each, <code>docs/operations.md</code> every operation. What is not there answers 501
and names itself.</p>
<footer><a href="/_sagehen/health">State as JSON</a> · <code>sagehen doctor</code> tells what this machine
can do · <code>sagehen down{option}</code> stops it, and everything comes back at the next
<code>sagehen up{option}</code></footer>
</main></body></html>
""".encode()
