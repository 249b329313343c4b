"""Record a restore from a backup: a new epoch in the database, and a signed line where the database cannot reach."""

from __future__ import annotations

from chassis.audit.chain import ChainKeys
from chassis.audit.checkpoints import CheckpointFile, RestoreMark
from chassis.audit.epochs import Restore, raise_epoch
from chassis.clock import Clock


def record_restore(migrate_url: str, file: CheckpointFile, keys: ChainKeys, *, reason: str, clock: Clock) -> Restore:
    """The operator's first step after a restore, before any program of this service starts.

    Afterwards positions and cursors of the former life are told apart from new ones, and checkpoints beyond the backup
    count as given up by this restore and not as a cut tail.

    :param migrate_url: address of the restored database as the role ``migrate``.
    :param reason: why, and from which backup; kept with the epoch.
    :raises OSError: if the line cannot be written. Repeat then: the epoch rises once more, which does no harm.
    """
    # A backup may be older than an earlier restore: its own table then knows fewer lives than there were.
    restore = raise_epoch(migrate_url, reason=reason, above=file.read().newest_epoch)
    mark = RestoreMark.sign(file.database, restore, keys.current, time=clock.system_now().isoformat())
    file.append([mark])
    return restore
