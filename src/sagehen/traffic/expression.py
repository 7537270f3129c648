"""Rates as people write them: `5`, `10 for 5m, ramp 10 to 100 for 2m, 100`, `wave 5 to 50 every 24h + 3`.

rate     = part { "," part }                       one after the other
part     = shape { "+" shape } [ "for" DURATION ]  at once; only the last may leave its length out
shape    = NUMBER                                  requests per second; 600/m and 5000/h are also understood
         | "ramp" NUMBER "to" NUMBER               a straight line over the part's length
         | "wave" NUMBER "to" NUMBER "every" DURATION    a sine that begins at the first number
         | "burst" NUMBER "lasting" DURATION "at" DURATION       once, so long after the part's beginning
         | "burst" NUMBER "lasting" DURATION "every" DURATION    in the middle of every period; else 0
         | "(" rate ")"                            repeats as long as its part lasts
"""

from __future__ import annotations

from sagehen.traffic.durations import duration_text
from sagehen.traffic.shapes import Burst, Constant, Ramp, Sequence, Shape, Sum, Wave
from sagehen.traffic.tokens import ExpressionError, Tokens
from sagehen.traffic.traffic import MOST_PIECES, Traffic

# Deeper than anybody writes; well below where Python's own stack ends.
_DEEPEST = 16


def parse_rate(text: str, duration: float | None = None) -> Traffic:
    """Return the traffic that an expression describes.

    Args:
        text: The expression; see the top of this file.
        duration: Seconds. Shorter than the expression's own length cuts it. None takes its own length.

    Raises:
        ExpressionError: With the column where it stops making sense.
    """
    tokens = Tokens(text)
    parts, open_end = _parts(tokens, 0)
    tokens.expect_end()
    own = sum(length for _, length in parts)
    if open_end is None:
        duration = own if duration is None else duration
        if duration > own:
            raise ExpressionError(
                text,
                len(text),
                f"this is {duration_text(own)} long, and the duration is {duration_text(duration)}: "
                "leave out the last `for`, or put all of it in parentheses to repeat it",
            )
    elif duration is None:
        raise ExpressionError(text, len(text), "how long? end with `for 10m`, or say the duration")
    else:
        # Where the duration ends before it, the open end is never reached.
        parts.append((open_end, max(duration - own, 1e-9)))
    try:
        return Traffic(Sequence(tuple(parts)).pieces(duration))
    except ValueError:
        raise ExpressionError(
            text, 0, f"more than {MOST_PIECES:,} pieces in {duration_text(duration)}: make its periods longer"
        ) from None


def _parts(tokens: Tokens, depth: int) -> tuple[list[tuple[Shape, float]], Shape | None]:
    """Read parts with their lengths, and the last one if it has none."""
    parts: list[tuple[Shape, float]] = []
    while True:
        shape = _sum(tokens, depth)
        if tokens.take("for"):
            parts.append((shape, tokens.duration()))
        elif tokens.next_is(","):
            tokens.fail("how long? only the last part may go without `for 5m`")
        else:
            return parts, shape
        if not tokens.take(","):
            return parts, None


def _sum(tokens: Tokens, depth: int) -> Shape:
    shapes = [_shape(tokens, depth)]
    while tokens.take("+"):
        shapes.append(_shape(tokens, depth))
    return shapes[0] if len(shapes) == 1 else Sum(tuple(shapes))


def _shape(tokens: Tokens, depth: int) -> Shape:
    if tokens.take("ramp"):
        first, last = _from_to(tokens)
        return Ramp(first, last)
    if tokens.take("wave"):
        first, opposite = _from_to(tokens)
        tokens.expect("every")
        return Wave(first, opposite, tokens.duration())
    if tokens.take("burst"):
        return _burst(tokens)
    if tokens.take("("):
        if depth == _DEEPEST:
            tokens.fail(f"more than {_DEEPEST} parentheses in one another")
        return _repeated(tokens, depth + 1)
    return Constant(tokens.rate("a rate such as 10, or `ramp`, `wave`, `burst`, `(`"))


def _from_to(tokens: Tokens) -> tuple[float, float]:
    first = tokens.rate("a rate such as 10")
    tokens.expect("to")
    return first, tokens.rate("a rate such as 100")


def _burst(tokens: Tokens) -> Shape:
    rate = tokens.rate("a rate such as 100")
    tokens.expect("lasting")
    lasting = tokens.duration()
    if tokens.take("at"):
        return Burst(rate, lasting, at=tokens.duration())
    if not tokens.take("every"):
        tokens.fail("expected `at 10m` or `every 1h`")
    column = tokens.column
    period = tokens.duration()
    if period < lasting:
        tokens.fail(f"bursts of {duration_text(lasting)} cannot come every {duration_text(period)}", column)
    return Burst(rate, lasting, period=period)


def _repeated(tokens: Tokens, depth: int) -> Shape:
    parts, open_end = _parts(tokens, depth)
    if open_end is not None:
        if not parts:  # (5 + 3), (burst 9 lasting 1s every 1m): parentheses that only group
            tokens.expect(")")
            return open_end
        tokens.fail("how long? within parentheses every part needs `for 5m`")
    tokens.expect(")")
    return Sequence(tuple(parts))
