"""A process that prepares chunks for an import.

What this imports is imported anew in each of them: no driver, no framework, no reader of workbooks (a test looks).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading

from chassis.security.keys import KeyRing
from chassis.security.vault import Vault
from services.monitoring.households.importing.model import Batch, Prepared, Setting
from services.monitoring.households.importing.prepare import Preparer

_preparer: Preparer | None = None


def begin(ring: str, setting: Setting) -> None:
    """Make the process ready; it ends by itself if its parent is killed.

    :param ring: the key ring as JSON.
    """
    global _preparer  # a pool's process has no other place for what it keeps
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _preparer = Preparer(Vault.of(KeyRing.parse(ring)), setting)
    gc.freeze()


def prepare(batch: Batch) -> Prepared:
    """The rows of a batch."""
    assert _preparer is not None
    gc.disable()  # a batch makes a million objects that all go with it; looking for cycles among them takes a tenth
    try:
        return _preparer.prepare(batch.pieces)
    finally:
        gc.enable()


def _end_with_parent() -> None:
    """A worker of a pool holds its own end of the queue open, so it would wait for ever for a parent that is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
