"""Root starts the server as another user, over files of its own; an ordinary user runs it as oneself."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from chassis.database.server import PostgresFailed, binaries, folders, remove
from chassis.testing.kafka import is_wanted
from tests.chassis.database.server.starting import REMOVER, SUPERVISOR, ask, ends, python_for_anybody, start

IS_ROOT = os.geteuid() == 0


@pytest.mark.skipif(not IS_ROOT and not is_wanted(), reason="needs root, which CI has")
class TestAsRoot:
    def test_the_server_runs_as_another_user_over_files_linked_from_the_data_directory(
        self, data: Path, shared_root: Path
    ):
        with start(data) as server:
            assert psutil.Process(server.pid).uids().real != 0
            assert (data / "cluster").readlink().is_relative_to(shared_root)
        home = (data / "cluster").readlink().parent
        assert home.stat().st_uid == 0
        assert home.stat().st_mode & 0o777 == 0o711

    def test_programs_out_of_the_users_reach_are_copied_once(
        self, tmp_path: Path, shared_root: Path, monkeypatch: pytest.MonkeyPatch, data: Path
    ):
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        (private / "site-packages").symlink_to(binaries.site_packages())
        monkeypatch.setattr(binaries, "site_packages", lambda: private / "site-packages")
        with start(data) as server:
            assert server.programs.is_relative_to(shared_root)
            assert ask(server.superuser_url(), "SELECT 1") == 1
            made = server.programs.stat().st_ino
        with start(data) as server:
            assert server.programs.stat().st_ino == made
        assert len(list(shared_root.glob("*pg-*"))) == 1

    def test_linked_files_that_are_gone_are_not_silently_made_anew(self, tmp_path: Path, shared_root: Path):
        data = tmp_path / "data"
        data.mkdir()
        (data / "cluster").symlink_to(shared_root / "0123456789ab" / "cluster")
        with pytest.raises(PostgresFailed, match="Restore them from a backup"):
            start(data)
        remove(data)
        assert not data.exists()

    def test_a_database_of_an_ordinary_user_is_not_taken_over(self, tmp_path: Path):
        cluster = tmp_path / "data" / "cluster"
        cluster.mkdir(parents=True)
        os.chown(cluster, 65534, 65534)
        with pytest.raises(PostgresFailed, match=r"belongs to user 65534\. Start as that user"):
            start(tmp_path / "data")

    def test_an_ordinary_user_runs_it_as_oneself_and_cannot_use_roots(self, data: Path):
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        with tempfile.TemporaryDirectory(prefix="xianjie-test-") as folder:
            python, environment = python_for_anybody(Path(folder) / "python")
            os.chown(folder, 65534, 65534)
            own = Path(folder) / ("long" * 20) / "data"
            with subprocess.Popen(
                [python, "-c", SUPERVISOR, own, "alone", folders.SHARED_ROOT],
                **{**nobody, "stdout": subprocess.PIPE, "text": True, "cwd": "/", "env": environment},
            ) as program:
                url, pid, uid = program.stdout.readline().split()
                assert psutil.Process(int(pid)).uids().real == int(uid) == 65534
                assert ask(url, "SELECT current_user") == "postgres"
                assert not (own / "cluster").is_symlink()
                program.kill()
                program.wait()
                assert ends(int(pid))
            refused = subprocess.run(
                [python, "-c", SUPERVISOR, data, "alone", folders.SHARED_ROOT],
                **{**nobody, "capture_output": True, "text": True, "cwd": "/", "env": environment},
                check=False,
            )
            subprocess.run([python, "-c", REMOVER, own], cwd="/", env=environment, check=True, **nobody)
            assert not own.exists()
            assert not list(Path("/tmp").glob(f"{Path(parse_qs(urlsplit(url).query)['host'][0]).name}*"))
        assert "cannot be read or written (Permission denied)" in refused.stderr
        assert "PostgresFailed" in refused.stderr
