"""Login: one connection of an SSH client, and who it is."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Mapping

import asyncssh

from sagehen.services.ec2.hosts.host import Host, HostGone
from sagehen.services.ec2.ssh.forwarding import forward, is_own
from sagehen.services.ec2.ssh.pushed_keys import PushedKeys
from sagehen.services.ec2.ssh.session import Session

logger = logging.getLogger("sagehen.ec2")

# sshd's own: MaxAuthTries and MaxSessions of sshd_config(5). Forwarded connections have no bound there.
_MOST_ATTEMPTS = 6
_MOST_SESSIONS = 10
_MOST_FORWARDED = 64
_GRACE_S = 30
_ALIVE_S = 60
_MOST_LINES = 256
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


class Login(asyncssh.SSHServer):
    """What a machine's SSH server decides.

    Args:
        host: Of the machine.
        pushed: Keys that are let in for a minute.
        names: By which the machine calls itself.
        known: Called once the client has proved who he is.
    """

    def __init__(
        self, host: Host, pushed: PushedKeys, names: tuple[str, ...], known: Callable[[], None]
    ) -> None:
        self._host = host
        self._pushed = pushed
        self._names = names
        self._known = known
        self._attempts = 0
        self._sessions = 0
        self._forwarded = 0
        self.connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    async def begin_auth(self, username: str) -> bool:
        assert self.connection is not None
        lines: tuple[str, ...] = ()
        if _USER.fullmatch(username):
            try:
                lines = await self._host.authorized_keys(username)
                lines += self._pushed.of(username)
            except (KeyError, HostGone, OSError):
                lines = ()
        try:
            keys = await asyncio.to_thread(asyncssh.import_authorized_keys, "\n".join(lines[-_MOST_LINES:]))
        except (ValueError, asyncssh.KeyImportError):
            keys = None
        self.connection.set_authorized_keys(keys)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return False

    def auth_completed(self) -> None:
        self._known()

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Called for the keys that are none of the user's."""
        self._attempts += 1
        if self._attempts >= _MOST_ATTEMPTS:
            raise asyncssh.DisconnectError(
                asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many authentication failures"
            )
        return False

    def session_requested(self) -> Session | bool:
        assert self.connection is not None
        if self._sessions >= _MOST_SESSIONS:
            return False
        self._sessions += 1
        return Session(
            self._host, self.connection.get_extra_info("username"), self._environment(), self._session_ended
        )

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        if not is_own(dest_host, self._names) or self._forwarded >= _MOST_FORWARDED:
            raise asyncssh.ChannelOpenError(
                asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "only this machine's own ports are forwarded"
            )
        self._forwarded += 1
        return forward(self._host, dest_port, self._forward_ended)

    def unix_connection_requested(self, dest_path: str) -> bool:
        return False

    def server_requested(self, listen_host: str, listen_port: int) -> bool:
        return False

    def unix_server_requested(self, listen_path: str) -> bool:
        return False

    def _session_ended(self) -> None:
        self._sessions -= 1

    def _forward_ended(self) -> None:
        self._forwarded -= 1

    def _environment(self) -> Mapping[str, str]:
        assert self.connection is not None
        peer = self.connection.get_extra_info("peername") or ("127.0.0.1", 0)
        return {
            "SSH_CLIENT": f"{peer[0]} {peer[1]} 22",
            "SSH_CONNECTION": f"{peer[0]} {peer[1]} {self._names[0]} 22",
        }


def options(host_key: bytes) -> asyncssh.SSHServerConnectionOptions:
    """Return how every connection is served: keys alone, nothing compressed, cheap to agree on."""
    # It tells of every channel and every command; what breaks is told here.
    asyncssh.set_log_level(logging.WARNING)
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=[asyncssh.import_private_key(host_key)],
        server_version="Sagehen",
        encoding=None,
        line_editor=False,
        allow_scp=False,
        agent_forwarding=False,
        x11_forwarding=False,
        public_key_auth=True,
        password_auth=False,
        kbdint_auth=False,
        host_based_auth=False,
        gss_host=None,
        kex_algs=["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"],
        compression_algs=["none"],
        login_timeout=_GRACE_S,
        keepalive_interval=_ALIVE_S,
        keepalive_count_max=3,
    )


async def serve(
    connection: socket.socket,
    known: Callable[[], None],
    settings: asyncssh.SSHServerConnectionOptions,
    host: Host,
    pushed: PushedKeys,
    names: tuple[str, ...],
) -> None:
    """Serve a client until it leaves, or this is cancelled."""
    login = Login(host, pushed, names, known)
    try:
        served = await asyncssh.run_server(connection, options=settings, server_factory=lambda: login)
        await served.wait_closed()
    except (asyncssh.Error, OSError) as error:
        logger.info("an SSH client: %s", error)
    finally:
        if login.connection is not None:
            login.connection.abort()
