"""Part a batch that failed, so that the event to blame is soon alone and the others go on together.

An action names the event that it fails at; a statement that keeps many states does not say which of them it was, and
neither does a COMMIT. A batch of n is then halved, which finds one such event in about 2·log2(n) transactions.
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.events.event import Envelope


def parts(batch: Sequence[Envelope], blamed: Sequence[Envelope]) -> Sequence[Sequence[Envelope]]:
    """In which parts to try a batch of two or more again, one after the other; together they are the batch, in order.

    :param blamed: whose effect was being taken when it failed; none if that is not known.
    """
    if len(blamed) != 1:
        return _halves(batch)
    place = next(place for place, envelope in enumerate(batch) if envelope.text.id == blamed[0].text.id)
    # What comes after is halved: nobody has tried it, and where every event fails, each would be held once for each.
    found = (batch[:place], batch[place : place + 1], *_halves(batch[place + 1 :]))
    return [part for part in found if part]


def _halves(batch: Sequence[Envelope]) -> Sequence[Sequence[Envelope]]:
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
