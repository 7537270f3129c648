"""CORS of function URLs: who may read an answer is the URL's to say, where it is configured. Pure.

Documented: preflights are answered without the function, the configured headers are added to all answers, and
win over the function's own. From memory: a preflight that nothing allows gets 200 without any of them.
Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
"""

from __future__ import annotations

from sagehen.services.lambda_.urls.messages import Headers, UrlAnswer, UrlRequest
from sagehen.services.lambda_.urls.records import Cors

_ORIGIN = "Access-Control-Allow-Origin"
# Member -> the header that it has the say over.
_HEADERS = {
    "AllowOrigins": _ORIGIN,
    "AllowCredentials": "Access-Control-Allow-Credentials",
    "AllowMethods": "Access-Control-Allow-Methods",
    "AllowHeaders": "Access-Control-Allow-Headers",
    "ExposeHeaders": "Access-Control-Expose-Headers",
    "MaxAge": "Access-Control-Max-Age",
}


def is_preflight(request: UrlRequest) -> bool:
    """Tell whether a browser asks what a page may send."""
    return (
        request.method == "OPTIONS"
        and request.header("origin") is not None
        and request.header("access-control-request-method") is not None
    )


def preflight(cors: Cors, request: UrlRequest) -> UrlAnswer:
    """Answer such a question."""
    answer = UrlAnswer(200)
    origin = request.header("origin") or ""
    method = request.header("access-control-request-method") or ""
    asked = {
        name.strip().lower()
        for name in (request.header("access-control-request-headers") or "").split(",")
        if name.strip()
    }
    methods, headers = cors.get("AllowMethods") or (), cors.get("AllowHeaders") or ()
    known = {name.lower() for name in headers}
    if _allows_origin(cors, origin) and _fits(methods, method) and ("*" in known or asked <= known):
        answer.headers += _allowance(cors, origin)
        # Browsers take `*` for itself alone once there are credentials: names are safe in either case.
        answer.headers.append((_HEADERS["AllowMethods"], method if "*" in methods else ",".join(methods)))
        if asked:
            names = ",".join(sorted(asked)) if "*" in known else ",".join(headers)
            answer.headers.append((_HEADERS["AllowHeaders"], names))
        if cors.get("MaxAge") is not None:
            answer.headers.append((_HEADERS["MaxAge"], str(cors["MaxAge"])))
    return answer


def applied(cors: Cors | None, request: UrlRequest, headers: Headers) -> Headers:
    """Return the headers of an answer with what is configured in the place of the function's own."""
    if not cors:
        return headers
    ours = {_HEADERS[member].lower() for member in cors if member in _HEADERS}
    kept = [pair for pair in headers if pair[0].lower() not in ours]
    origin = request.header("origin")
    if origin is None or not _allows_origin(cors, origin):
        return kept
    return [*kept, *_allowance(cors, origin)]


def _allows_origin(cors: Cors, origin: str) -> bool:
    return _fits(cors.get("AllowOrigins") or (), origin)


def _fits(allowed: object, wanted: str) -> bool:
    return isinstance(allowed, list | tuple) and ("*" in allowed or wanted in allowed)


def _allowance(cors: Cors, origin: str) -> Headers:
    credentials = bool(cors.get("AllowCredentials"))
    everybody = "*" in (cors.get("AllowOrigins") or ()) and not credentials
    headers = [(_ORIGIN, "*")] if everybody else [(_ORIGIN, origin), ("Vary", "Origin")]
    if credentials:
        headers.append((_HEADERS["AllowCredentials"], "true"))
    if exposed := cors.get("ExposeHeaders"):
        headers.append((_HEADERS["ExposeHeaders"], ",".join(exposed)))
    return headers
