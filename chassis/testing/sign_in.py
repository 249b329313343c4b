"""Let tests sign in without cryptography: a double of the token verifier that knows the tokens it gave out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from chassis.errors import NotSignedIn
from chassis.identifiers import new_id
from chassis.security.scope import Assignment, Role
from chassis.security.tokens import Token


class SignIns:
    """Tokens of one test."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def token(
        self,
        role: Role,
        region: int,
        *,
        department: str | None = None,
        subject: str | None = None,
        stands_in_for: str | None = None,
    ) -> str:
        """A token of somebody who holds one post."""
        post = Assignment(new_id(), role, region, department, stands_in_for=stands_in_for)
        return self.of(post, subject=subject)

    def of(self, *posts: Assignment, subject: str | None = None) -> str:
        """A token of somebody who holds these posts."""
        text = f"test-{new_id()}"
        subject = subject or f"test:{new_id()}"
        expires = datetime.max.replace(tzinfo=UTC)
        self._tokens[text] = Token(subject, "test", posts, expires, text)
        return text

    async def verify(self, text: str) -> Token:
        token = self._tokens.get(text)
        if token is None:
            raise NotSignedIn
        return token


def post_of(role: Role, region: int, *, id: UUID | None = None, department: str | None = None) -> Assignment:  # noqa: A002
    """One post, for tokens that hold several."""
    return Assignment(id or new_id(), role, region, department)
