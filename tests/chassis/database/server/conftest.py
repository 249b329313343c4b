"""One data directory for the tests of this folder, with root's files out of the way of a real platform's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.database.server import folders, keeping, remove
from tests.chassis.database.server.starting import start


@pytest.fixture(scope="package", autouse=True)
def shared_root() -> Iterator[Path]:
    """Root's files below a folder of these tests' own, which an unprivileged user can enter (tmp_path is private)."""
    with tempfile.TemporaryDirectory(prefix="xianjie-test-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setattr(folders, "SHARED_ROOT", Path(folder) / "xianjie")
        patch.setattr(keeping, "_GRACE_SECONDS", 0.3)
        yield Path(folder) / "xianjie"


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory whose database is made once; each test starts a server over it and stops it."""
    data = tmp_path_factory.mktemp("server") / "postgresql"
    start(data).stop()
    yield data
    remove(data)
    assert not data.exists()
