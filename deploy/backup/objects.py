"""Copy stored files between a store and a backup; pieces never change under their name, so what is there stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from obstore.store import ObjectStore

from chassis.files.sealed_store import open_objects

FOLDER: Final = "objects"


def store_of(data_directory: Path, files_url: str | None, service: str) -> ObjectStore:
    """Where a service keeps its files, as :mod:`chassis.lifecycle` opens it."""
    return open_objects(files_url or str(data_directory / "files" / service))


def backup_store(folder: Path, service: str) -> ObjectStore:
    """The place of a service's files in a backup."""
    return open_objects(folder / FOLDER / service)


def copy_missing(source: ObjectStore, target: ObjectStore) -> Iterator[int]:
    """Copy every piece that ``target`` lacks, giving the bytes of each piece of ``source`` once it is there."""
    there = dict(_listed(target))
    for path, size in _listed(source):
        if there.get(path) != size:
            target.put(path, source.get(path).bytes())
        yield size


def _listed(store: ObjectStore) -> Iterator[tuple[str, int]]:
    for part in store.list():
        yield from ((entry["path"], entry["size"]) for entry in part)
