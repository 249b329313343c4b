"""Make keyed digests that show whether a value is the same one without telling it: for audit and repeated requests.

A digest is text, ``<mac>:<key id>:<base64url>``, so that it names its algorithm and key. Without the key nobody can
try out the few values that a field such as a birth date may have; bound to its place, equal values do not look equal.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from chassis.security.keys import Key, KeyRing, Mac, Purpose, UnknownKey


class Digester:
    """Digests under the ring's audit keys, apart from the audit chain's own MAC."""

    def __init__(self, ring: KeyRing) -> None:
        keys = ring.keys(Purpose.AUDIT)
        self._macs = {_name(key): Mac(key.derived("digest")) for key in keys}
        self._current = self._macs[_name(keys[0])]

    def of_value(self, value: str | bytes, *, table: str, column: str, row: UUID) -> str:
        """The digest of a personal value in one place, for an audit entry."""
        return _digest(self._current, _joined(b"value", table.encode(), column.encode(), row.bytes, _encoded(value)))

    def of_body(self, body: bytes, *, scope: str) -> str:
        """The digest of a request's body; ``scope`` names subject, method, path and query (idempotency)."""
        return _digest(self._current, _joined(b"body", scope.encode(), body))

    def is_value(self, digest: str, value: str | bytes, *, table: str, column: str, row: UUID) -> bool:
        """Whether ``digest`` is that of ``value`` in this place, under the key it names.

        :raises UnknownKey: if that key is not in the ring.
        """
        message = _joined(b"value", table.encode(), column.encode(), row.bytes, _encoded(value))
        return hmac.compare_digest(digest.encode(), _digest(self._named(digest), message).encode())

    def is_body(self, digest: str, body: bytes, *, scope: str) -> bool:
        """Whether ``digest`` is that of ``body`` in this scope; errors as for :meth:`is_value`."""
        message = _joined(b"body", scope.encode(), body)
        return hmac.compare_digest(digest.encode(), _digest(self._named(digest), message).encode())

    def _named(self, digest: str) -> Mac:
        mac = self._macs.get(digest.rpartition(":")[0])
        if mac is None:
            raise UnknownKey("a digest names no audit key of the ring; put the key back from the backup of the keys")
        return mac


def _digest(mac: Mac, message: bytes) -> str:
    return f"{_name(mac.key)}:{urlsafe_b64encode(mac.of(message)).rstrip(b'=').decode()}"


def _name(key: Key) -> str:
    return f"{key.suite.mac_name}:{key.id}"


def _joined(*parts: bytes) -> bytes:
    """Each part with its length before it, so that no two lists of parts give one message."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _encoded(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode(errors="surrogatepass")
