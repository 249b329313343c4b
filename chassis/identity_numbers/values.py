"""Hold a number as an immutable value that shows its digits only to who asks for them."""

from __future__ import annotations

from typing import Any, NoReturn


class Number:
    """Equal by class and digits, hashable, and silent in ``repr`` and ``str``.

    No dataclass on purpose: orjson and pydantic take dataclasses apart and would write the digits out.
    """

    __slots__ = ("value",)
    value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "value", value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("a number does not change; make another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a number does not change; make another one")

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Number) and type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.value,)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__
