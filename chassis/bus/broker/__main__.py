"""``python -m chassis.bus.broker``: fetch Kafka's programs now, so that no test waits for them."""

from __future__ import annotations

import sys

from chassis.bus.broker.distribution import BrokerMissing, fetch

try:
    sys.stdout.write(f"{fetch().folder}\n")
except BrokerMissing as missing:
    sys.exit(str(missing))
