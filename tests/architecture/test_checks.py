"""The checks of `make check` that are ours catch what they are for."""

from __future__ import annotations

from tests.architecture import checks


def plant(monkeypatch, tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks, "tracked", lambda pattern: [path] if path.match(pattern.split("/")[-1]) else [])


def test_the_tree_as_it_is_has_no_complaints():
    assert [list(check()) for check in checks.CHECKS] == [[] for _ in checks.CHECKS]


def test_an_address_in_a_lock_is_found(monkeypatch, tmp_path):
    plant(monkeypatch, tmp_path, "requirements.lock", "six==1.17.0 @ https://example.org/six.whl\n")
    assert list(checks.addresses_in_locks()) == ["requirements.lock:1: an address in a lock"]


def test_now_in_business_sql_is_found(monkeypatch, tmp_path):
    plant(monkeypatch, tmp_path, "services/monitoring/clues/queries.py", 'SQL = "SELECT now()"\n')
    assert len(list(checks.clocks_in_business())) >= 1


def test_system_time_in_delivery_is_allowed(monkeypatch, tmp_path):
    plant(monkeypatch, tmp_path, "chassis/events/relay.py", 'SQL = "SELECT now()"\n')
    assert list(checks.clocks_in_business()) == []
