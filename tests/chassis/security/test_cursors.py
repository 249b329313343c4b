"""Cursors are good for the list they were made for, unchanged."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import CursorSpoiled, InvalidInput
from chassis.security.cursors import CursorSigner
from chassis.security.keys import KeyRing, Purpose, Suite

RING = KeyRing.generate(Random(1).randbytes)
SIGNER = CursorSigner(RING)
PAYLOAD = {"after": ["2024-06-03", "018f0000-0000-7000-8000-000000000001"], "n": 7}
CONTEXT = "households:610999000000"


@given(
    st.dictionaries(
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=10), st.integers(-(2**53), 2**53)
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_what_was_signed_is_read_back(payload, context):
    assert SIGNER.read(SIGNER.sign(payload, context=context), context=context) == payload


def test_equal_payloads_give_equal_cursors_that_fit_into_a_url():
    text = SIGNER.sign(PAYLOAD, context=CONTEXT)
    assert text == SIGNER.sign(dict(reversed(PAYLOAD.items())), context=CONTEXT)
    assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("place", range(0, 110, 7))
def test_a_changed_sign_spoils_a_cursor(place):
    text = SIGNER.sign(PAYLOAD, context=CONTEXT)
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    with pytest.raises(InvalidInput):
        SIGNER.read(changed, context=CONTEXT)


def test_the_last_sign_has_one_spelling():
    for payload in ({"a": 1}, {"a": 12}, {"a": 123}):
        text = SIGNER.sign(payload, context=CONTEXT)
        for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(text[-1], ""):
            with pytest.raises(InvalidInput):
                SIGNER.read(text[:-1] + sign, context=CONTEXT)


@pytest.mark.parametrize(
    "text", ["", "x", "!" * 30, "A" * 30, "A" * 5000, "٣" * 30, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "eyJhIjoxfQ", "\n" * 24]
)
def test_what_we_never_signed_is_refused_with_a_pointer(text):
    with pytest.raises(InvalidInput) as caught:
        SIGNER.read(text, context=CONTEXT)
    assert [(f.pointer, f.code) for f in caught.value.faults] == [("cursor", "cursor_invalid")]


def test_a_cursor_of_another_list_is_refused_with_the_error_asked_for():
    text = SIGNER.sign(PAYLOAD, context="households:610999101000")
    with pytest.raises(CursorSpoiled):
        SIGNER.read(text, context=CONTEXT, spoiled=CursorSpoiled)


def test_cursors_outlive_a_rotation_until_their_key_goes():
    text = SIGNER.sign(PAYLOAD, context=CONTEXT)
    rotated = RING.rotated(Purpose.CURSOR, Random(2).randbytes, suite=Suite.GCM_SM4)
    assert CursorSigner(rotated).read(text, context=CONTEXT) == PAYLOAD
    new = CursorSigner(rotated).sign(PAYLOAD, context=CONTEXT)
    assert new != text
    with pytest.raises(InvalidInput):
        SIGNER.read(new, context=CONTEXT)


def test_a_cursor_that_would_not_fit_is_refused_when_it_is_made():
    with pytest.raises(ValueError, match="too long"):
        SIGNER.sign({"after": "x" * 4000}, context=CONTEXT)
