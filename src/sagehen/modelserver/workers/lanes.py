"""LaneServer: a worker's loop over the front's calls and the connections that it was lent."""

from __future__ import annotations

import select
import sys
import time
import traceback
from collections.abc import Iterator

from sagehen.modelserver import messages
from sagehen.modelserver.hooks.handler import Handler
from sagehen.modelserver.lanes.channel import Channel
from sagehen.modelserver.lanes.stopwatch import Stopwatch
from sagehen.modelserver.messages import Answer, Call, Why
from sagehen.modelserver.sessions.headers import opens_or_closes
from sagehen.modelserver.wire import access_log, heads
from sagehen.modelserver.wire.plain_request import Incomplete, parse
from sagehen.modelserver.workers.held import Held, Lane

# Of one request with its body; the front reads what is larger.
_READ_BYTES = 64 * 1024
# Connections without a request for so long go back, so that those in use are spread evenly.
_IDLE_S = 1.0
_LOOK_S = 0.5


class LaneServer:
    """Args:
    handler: Answers.
    channel: The worker's end.
    """

    def __init__(self, handler: Handler, channel: Channel) -> None:
        self._handler = handler
        self._channel = channel
        self._watch = Stopwatch(channel.page)
        self._flush_at = float("inf")
        self._look_at = 0.0
        self._log = access_log.AccessLog(self._flush_soon)
        self._epoll = select.epoll()
        for descriptor in channel.descriptors:
            self._epoll.register(descriptor, select.EPOLLIN)
        self._held = Held(channel, self._epoll)

    def serve(self) -> None:
        """Answer until the front process hangs up."""
        try:
            while self._turn():
                self._look_around()
        finally:
            self._log.flush()

    def _turn(self) -> bool:
        """Answer what has come, one request of each connection; False once the front has hung up."""
        calls, orders = self._channel.calls.fileno(), self._channel.orders.fileno()
        for descriptor, _ in self._epoll.poll(self._patience_s()):
            if descriptor == calls:
                if not self._answer_calls():
                    return False
            elif descriptor == orders:
                self._held.take_orders()
            elif lane := self._held.find(descriptor):
                self._answer_lane(lane)
        return True

    # --- calls of the front --------------------------------------------------------------------

    def _answer_calls(self) -> bool:
        payload = messages.receive(self._channel.calls)
        if payload is None:
            return False
        calls = messages.decode_calls(payload)
        self._watch.start()
        answers = self._handler.handle(calls)
        if answers[0].parts is not None:
            self._channel.calls.sendall(messages.encode_beginning(answers[0]))
            self._send_parts(answers[0], answers[0].parts)
            return True
        # Prints of the handler are to reach the log no later than its answer reaches the caller.
        sys.stdout.flush()
        self._watch.stop()
        self._channel.calls.sendall(messages.encode_answers(answers))
        return True

    def _send_parts(self, answer: Answer, parts: Iterator[bytes]) -> None:
        """Send the body of an answer as its handler yields it."""
        calls, page = self._channel.calls, self._channel.page
        calls.sendall(messages.encode_part(messages.Part(answer.body)))
        whole = True
        try:
            for data in parts:
                calls.sendall(messages.encode_part(messages.Part(data)))
                page.answering(time.monotonic_ns())
        except Exception:
            # The status was sent long ago: the caller learns it from a body that breaks off.
            traceback.print_exc()
            whole = False
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        calls.sendall(messages.encode_part(messages.Part(b"", whole)))

    # --- lanes ---------------------------------------------------------------------------------

    def _answer_lane(self, lane: Lane) -> None:
        page = self._channel.page
        self._watch.start()
        page.begin(lane.number, self._watch.began_ns)
        try:
            data = lane.connection.recv(_READ_BYTES)
        except BlockingIOError:
            page.end()
            return
        except OSError:  # reset by the caller: the front finds out by itself
            data = b""
        try:
            call = parse(data) if data else None
        except Incomplete:
            self._held.give_back(lane, Why.PIECES, unread=data)
        else:
            if call is None:
                self._held.give_back(lane, Why.UNUSUAL, unread=data)
            else:
                page.owe()
                lane.used_at = self._watch.began_ns / 1e9
                self._answer(lane, call)
        page.end()

    def _answer(self, lane: Lane, call: Call) -> None:
        (answer,) = self._handler.handle([call])
        if answer.parts is not None:
            self._stream(lane, answer, answer.parts)
            return
        sys.stdout.flush()
        self._watch.stop()
        if answer.headers and opens_or_closes(answer.headers):
            self._held.give_back(lane, Why.UNUSUAL, answer=answer)
            return
        self._note(lane, call, answer.status, len(answer.body))
        data = heads.head(answer, heads.whole(answer), True) + answer.body
        self._channel.page.answering(time.monotonic_ns())
        try:
            sent = lane.connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._held.give_back(lane, Why.UNUSUAL)  # whoever asked is gone, as the front will see
            return
        if sent < len(data):
            self._held.give_back(lane, Why.UNSENT, unsent=data[sent:])

    def _stream(self, lane: Lane, answer: Answer, parts: Iterator[bytes]) -> None:
        """Give all connections back, this one with its answer's head; the parts follow through the front."""
        self._held.give_back_others(lane)
        self._held.give_back(lane, Why.STREAM, answer=answer)
        self._send_parts(answer, parts)

    # --- from time to time ---------------------------------------------------------------------

    def _patience_s(self) -> float | None:
        until = self._flush_at
        if self._held:
            until = min(until, self._look_at)
        return None if until == float("inf") else max(0.0, until - time.monotonic())

    def _look_around(self) -> None:
        if not self._held and self._flush_at == float("inf"):
            return
        now = time.monotonic()
        if now >= self._flush_at:
            self._flush_at = float("inf")
            self._log.flush()
        if now >= self._look_at:
            self._look_at = now + _LOOK_S
            self._held.give_back_idle(now - _IDLE_S)

    def _note(self, lane: Lane, call: Call, status: int, size: int) -> None:
        self._log.line(lane.peer, "/invocations", status, size, call.headers.get("user-agent", "-"))

    def _flush_soon(self) -> None:
        self._flush_at = time.monotonic() + access_log.INTERVAL_S
