"""Passwords are kept as hashes for their owner alone, and the book does not help who guesses."""

import asyncio
import json
import stat

import pytest

from deploy.embedded import passwords as passwords_module
from deploy.embedded.passwords import FAILURES_MAX, LockedOut, PasswordBook, PasswordsUnreadable, ScryptCost
from deploy.embedded.private_files import FileExposed
from tests.deploy.embedded.conftest import CHEAP, PASSWORD


async def test_passwords_are_kept_as_hashes_for_their_owner_alone(tmp_path, book, clock):
    file = tmp_path / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text("utf-8")
    entries = json.loads(file.read_text("utf-8"))
    assert entries["clerk"]["hash"] != entries["gone"]["hash"]
    again = PasswordBook(file, cost=CHEAP)
    assert await again.is_right("clerk", PASSWORD, now=clock.system_now())
    assert "clerk" in again
    assert "nobody" not in again


async def test_a_new_password_replaces_the_old_one_and_opens_a_shut_name(book, clock):
    now = clock.system_now()
    for _ in range(FAILURES_MAX):
        assert not await book.is_right("clerk", "wrong", now=now)
    book.keep({"clerk": "new"})
    assert await book.is_right("clerk", "new", now=now)
    assert not await book.is_right("clerk", PASSWORD, now=now)
    assert await book.is_right("gone", PASSWORD, now=now)


async def test_who_is_added_by_another_process_signs_in_at_once(tmp_path, clock):
    path, now = tmp_path / "password-hashes.json", clock.system_now()
    serving, console = PasswordBook(path, cost=CHEAP), PasswordBook(path, cost=CHEAP)
    assert not await serving.is_right("late", "secret", now=now)
    console.keep({"late": "secret"})
    assert await serving.is_right("late", "secret", now=now)
    serving.keep({"later": "other"})
    assert await console.is_right("later", "other", now=now)
    assert await console.is_right("late", "secret", now=now)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 1}', '{"a": {}}', '{"a": {"n":2,"r":1,"p":1,"salt":"x","hash":""}}']
)
def test_a_damaged_book_says_what_to_do(tmp_path, content):
    file = tmp_path / "passwords.json"
    file.touch(0o600)
    file.write_text(content)
    with pytest.raises(PasswordsUnreadable, match="remove it"):
        PasswordBook(file)


def test_a_book_that_others_may_read_is_refused(tmp_path, book):
    (tmp_path / "passwords.json").chmod(0o640)
    with pytest.raises(FileExposed):
        PasswordBook(tmp_path / "passwords.json")


async def test_a_success_forgets_the_failures_before_it(book, clock):
    now = clock.system_now()
    for _ in range(3):
        for _ in range(FAILURES_MAX - 1):
            assert not await book.is_right("clerk", "wrong", now=now)
        assert await book.is_right("clerk", PASSWORD, now=now)


async def test_many_right_sign_ins_at_once_are_all_let_in(book, clock):
    answers = await asyncio.gather(*[book.is_right("clerk", PASSWORD, now=clock.system_now()) for _ in range(30)])
    assert all(answers)


async def test_guesses_at_once_do_not_outrun_the_count(book, clock, monkeypatch):
    tried = []
    real = passwords_module._scrypt
    monkeypatch.setattr(passwords_module, "_scrypt", lambda *given: tried.append(given[0]) or real(*given))
    guesses = [book.is_right("clerk", f"guess {n}", now=clock.system_now()) for n in range(100)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert len(tried) <= FAILURES_MAX + 1
    assert sum(isinstance(answer, LockedOut) for answer in answers) == 100 - len(tried)


async def test_an_unknown_name_costs_the_same_work_and_is_shut_as_well(book, clock, monkeypatch):
    costs = []
    real = passwords_module._scrypt
    monkeypatch.setattr(passwords_module, "_scrypt", lambda *given: costs.append(given[2]) or real(*given))
    now = clock.system_now()
    await book.is_right("clerk", "wrong", now=now)
    for _ in range(FAILURES_MAX):
        assert not await book.is_right("nobody", "wrong", now=now)
    assert costs == [CHEAP] * (FAILURES_MAX + 1)
    with pytest.raises(LockedOut):
        await book.is_right("nobody", "wrong", now=now)


async def test_a_flood_of_names_is_bounded_and_opens_no_known_one(book, clock):
    now = clock.system_now()
    for _ in range(FAILURES_MAX):
        await book.is_right("clerk", "wrong", now=now)
    for n in range(1100):
        await book.is_right(f"name {n}", "wrong", now=now)
    assert len(book._strangers) == 1024
    with pytest.raises(LockedOut):
        await book.is_right("clerk", PASSWORD, now=now)


def test_the_default_cost_is_one_of_those_that_owasp_lists():
    assert (ScryptCost().n, ScryptCost().r, ScryptCost().p) in {
        (2**17, 8, 1),
        (2**16, 8, 2),
        (2**15, 8, 3),
        (2**14, 8, 5),
    }
