"""The ways in which an upstream can fail to serve, told so that a reader knows what to do."""

from __future__ import annotations

import math

from chassis.errors import Message, Unavailable


class UpstreamDown(Unavailable):
    """No connection could be made, or none is tried at the moment: the request did not reach the service."""

    def __init__(self, name: str, *, retry_after_seconds: float) -> None:
        super().__init__(
            Message(
                f"服务 {name} 暂时不可用，请稍后重试；其他服务不受影响。",
                f"The service {name} is down for the moment; retry later. The others are not affected.",
            ),
            retry_after_seconds=max(1, math.ceil(retry_after_seconds)),
        )


class UpstreamBusy(Unavailable):
    """Too many requests wait for the service already: this one did not reach it."""

    def __init__(self, name: str, *, retry_after_seconds: float) -> None:
        super().__init__(
            Message(
                f"服务 {name} 正忙，请稍后重试。",
                f"The service {name} is busy; retry later.",
            ),
            retry_after_seconds=max(1, math.ceil(retry_after_seconds)),
        )
