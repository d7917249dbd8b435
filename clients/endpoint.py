"""Where a server listens, and how it is met; nothing is connected to here."""

from dataclasses import dataclass

from clients.rate import Rate
from clients.tcp import Address
from clients.tls import Security


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens: host name or address, port, and how to meet it if it speaks TLS.

    unix_socket: the path of the socket that it listens on in place of the port. rate: how often a
    conversation with it may begin.
    """

    host: str
    port: int
    security: Security | None = None
    unix_socket: str = ""
    rate: Rate | None = None

    @property
    def address(self) -> Address:
        """What is connected to."""
        return self.unix_socket or (self.host, self.port)
