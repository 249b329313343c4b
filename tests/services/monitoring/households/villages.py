"""Villages where nobody can be registered."""

from __future__ import annotations

NONE_SUCH, ENDED = 610999101299, 610999101207
