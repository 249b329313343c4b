"""Sealed values open in their own place only, under any live key."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.encryption import Encryptor, SealBroken, _Sm4Gcm
from chassis.security.keys import KeyRing, Purpose, Suite, UnknownKey

ROW = UUID("018f0000-0000-7000-8000-000000000001")
OTHER_ROW = UUID("018f0000-0000-7000-8000-000000000002")
NUMBER = "610999197403123010"
PLACE = {"table": "person", "column": "identity_number", "row": ROW}

RINGS = {suite: KeyRing.generate(Random(1).randbytes, suite=suite) for suite in Suite}
ENCRYPTORS = {suite: Encryptor(ring) for suite, ring in RINGS.items()}


@pytest.fixture(params=Suite)
def encryptor(request):
    return ENCRYPTORS[request.param]


@given(plain=st.text(alphabet=st.characters(exclude_categories=["Cs"])), suite=st.sampled_from(Suite), row=st.uuids())
def test_any_text_comes_back(plain, suite, row):
    place = {"table": "person", "column": "name", "row": row}
    sealed = ENCRYPTORS[suite].seal(plain, **place)
    assert ENCRYPTORS[suite].open(sealed, **place) == plain
    assert len(sealed) == len(plain.encode()) + 30


@given(plain=st.binary(max_size=200), suite=st.sampled_from(Suite))
def test_any_bytes_come_back(plain, suite):
    assert ENCRYPTORS[suite].open_bytes(ENCRYPTORS[suite].seal(plain, **PLACE), **PLACE) == plain


@given(suite=st.sampled_from(Suite), position=st.integers(0, 47), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(suite, position, bit):
    sealed = bytearray(ENCRYPTORS[suite].seal(NUMBER, **PLACE))
    sealed[position] ^= 1 << bit
    with pytest.raises((SealBroken, UnknownKey)):
        ENCRYPTORS[suite].open(bytes(sealed), **PLACE)


@pytest.mark.parametrize(
    "other", [{"row": OTHER_ROW}, {"column": "phone"}, {"table": "household"}, {"table": "p", "column": "erson"}]
)
def test_a_value_moved_to_another_place_does_not_open(encryptor, other):
    sealed = encryptor.seal(NUMBER, **PLACE)
    with pytest.raises(SealBroken) as caught:
        encryptor.open(sealed, **{**PLACE, **other})
    assert NUMBER not in str(caught.value)


def test_names_that_run_together_are_different_places(encryptor):
    sealed = encryptor.seal(NUMBER, table="ab", column="c", row=ROW)
    with pytest.raises(SealBroken):
        encryptor.open(sealed, table="a", column="bc", row=ROW)


@pytest.mark.parametrize("names", [("", "c"), ("t", ""), ("t\0", "c")])
def test_a_place_without_a_proper_name_is_refused(encryptor, names):
    with pytest.raises(ValueError, match="name the table"):
        encryptor.seal(NUMBER, table=names[0], column=names[1], row=ROW)


@pytest.mark.parametrize("sealed", [b"", b"\x11", b"\x11\x01" + bytes(27), b"\x99\x01" + bytes(40), b"plain text" * 5])
def test_what_is_no_sealed_value_is_refused(encryptor, sealed):
    with pytest.raises(SealBroken):
        encryptor.open(sealed, **PLACE)


def test_equal_values_look_different(encryptor):
    assert encryptor.seal(NUMBER, **PLACE) != encryptor.seal(NUMBER, **PLACE)


def test_the_plain_text_is_not_in_the_sealed_value(encryptor):
    assert NUMBER.encode() not in encryptor.seal(NUMBER, **PLACE)


def test_lone_surrogates_are_refused_without_repeating_the_text(encryptor):
    with pytest.raises(ValueError, match="lone surrogates") as caught:
        encryptor.seal(NUMBER + "\ud800", **PLACE)
    assert NUMBER not in str(caught.value)


def test_sm4_gcm_agrees_with_rfc_8998():
    cipher = _Sm4Gcm(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    nonce, aad = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("".join(digit * 16 for digit in "abcdefea"))
    expected = (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert cipher.encrypt(nonce, plain, aad).hex() == expected
    assert cipher.decrypt(nonce, bytes.fromhex(expected), aad) == plain


def test_after_a_rotation_old_values_open_and_say_that_they_are_due():
    before = Encryptor(RINGS[Suite.GCM_AES256])
    old = before.seal(NUMBER, **PLACE)
    after = Encryptor(RINGS[Suite.GCM_AES256].rotated(Purpose.DATA, Random(2).randbytes, suite=Suite.GCM_SM4))
    new = after.seal(after.open(old, **PLACE), **PLACE)
    assert after.open(new, **PLACE) == NUMBER
    assert (after.needs_rotation(old), after.needs_rotation(new), before.needs_rotation(old)) == (True, False, False)
    with pytest.raises(UnknownKey, match="data key 2"):
        before.open(new, **PLACE)


def test_a_column_is_sealed_in_bulk_as_one_by_one(encryptor):
    rows = [UUID(int=n) for n in range(100)]
    values = [None if n % 7 == 0 else f"number {n}" for n in range(100)]
    place = {"table": "person", "column": "phone"}
    sealed = encryptor.seal_many(values, **place, rows=rows)
    opened = [value and encryptor.open(value, **place, row=row) for value, row in zip(sealed, rows, strict=True)]
    assert opened == values
    nonces = [value[2:14] for value in sealed if value is not None]
    assert len(set(nonces)) == len(nonces)
    with pytest.raises(SealBroken):
        encryptor.open(sealed[1], table="person", column="phone", row=rows[2])


def test_a_column_with_too_few_rows_is_refused(encryptor):
    with pytest.raises(ValueError, match="zip"):
        encryptor.seal_many(["a", "b"], table="person", column="phone", rows=[ROW])


def test_one_encryptor_serves_many_threads(encryptor):
    def there_and_back(n):
        row = UUID(int=n)
        sealed = [encryptor.seal(f"{n}", table="t", column="c", row=row) for _ in range(50)]
        return {encryptor.open(value, table="t", column="c", row=row) for value in sealed}

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(there_and_back, range(40))) == [{f"{n}"} for n in range(40)]
