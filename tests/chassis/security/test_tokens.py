"""A good token lets in, and each of the bad ones does not."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import FixedClock
from chassis.errors import NotSignedIn, Unavailable
from chassis.security.jwks import Jwks
from chassis.security.scope import Assignment, Role, program
from chassis.security.token_claims import PROGRAM_PREFIX, assignment_claim
from chassis.security.tokens import Token, TokenVerifier, refusal
from chassis.testing.bad_tokens import BAD_TOKENS
from chassis.testing.tokens import COUNTY, LIFETIME_SECONDS, POST, TokenMaker

START = FixedClock().system_now()
MAKER = TokenMaker(START)
KEYS = Jwks(MAKER.jwks())


@pytest.fixture
def clock():
    return FixedClock()


def make_verifier(clock, keys=KEYS, **settings):
    return TokenVerifier(keys, issuer="urn:xianjie", audience="xianjie", clock=clock, **settings)


async def is_refused(verifier, token):
    with pytest.raises(NotSignedIn) as caught:
        await verifier.verify(token)
    return caught.value


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT"])
@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256", "PS256"])
async def test_a_good_token_is_read(clock, algorithm, typ):
    token = await make_verifier(clock).verify(MAKER.good(algorithm=algorithm, typ=typ, jti="token-1"))
    assert token == Token(
        subject="subject-of-a-test",
        username="tester",
        assignments=(POST,),
        expires_at=datetime.fromtimestamp(int(START.timestamp()) + LIFETIME_SECONDS, UTC),
        id="token-1",
    )


@pytest.mark.parametrize(
    "claims",
    [{"aud": ["account", "xianjie"]}, {"nbf": None}, {"typ": "Bearer"}, {"scope": "openid"}, {"sub": "张三 7"}],
)
async def test_what_other_issuers_add_or_leave_out_is_fine(clock, claims):
    assert await make_verifier(clock).verify(MAKER.signed(MAKER.claims(**claims)))


async def test_every_field_of_a_post_is_read(clock):
    posts = [
        Assignment(UUID(int=1), Role.DEPARTMENT_CLERK, COUNTY, department="medical_insurance"),
        Assignment(
            UUID(int=2),
            Role.TOWN_OFFICER,
            610999101000,
            starts_on=date(2024, 1, 1),
            ends_on=date(2024, 12, 31),
            stands_in_for="officer",
        ),
        Assignment(UUID(int=3), Role.GRID_WORKER, 610999101203, starts_on=date(2024, 2, 29)),
    ]
    assert (await make_verifier(clock).verify(MAKER.good(posts))).assignments == tuple(posts)


async def test_a_person_without_a_post_is_signed_in(clock):
    assert (await make_verifier(clock).verify(MAKER.good([]))).assignments == ()


def test_there_are_enough_bad_tokens():
    assert len(BAD_TOKENS) >= 100


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_bad_token_is_refused(clock, name):
    token = BAD_TOKENS[name](MAKER)
    error = await is_refused(make_verifier(clock), token)
    assert error.status == 401
    assert error.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token", error_description="')
    said = " ".join((*error.detail, *error.headers.values(), str(error), repr(error.extra)))
    assert not any(len(part) > 8 and part in said for part in token.split("."))
    assert error.__cause__ is None


@pytest.mark.parametrize(
    "change",
    [
        lambda token: f" {token}",
        lambda token: f"{token} ",
        lambda token: f"{token}\n",
        lambda token: f"{token}\0",
        lambda token: token.replace(".", "．"),
        lambda token: token[:10] + "\n" + token[10:],
        lambda token: f"Bearer {token}",
        lambda token: token + "\ud800",
    ],
)
async def test_signs_that_no_header_may_hold_are_refused(clock, change):
    await is_refused(make_verifier(clock), change(MAKER.good()))


@given(place=st.integers(0, 2000), sign=st.sampled_from("ABCxyz019-_."))
async def test_no_sign_of_a_token_can_be_changed(place, sign):
    token = MAKER.good(jti="fixed", algorithm="EdDSA")
    place %= len(token)
    changed = token[:place] + sign + token[place + 1 :]
    if changed != token:
        await is_refused(make_verifier(FixedClock()), changed)


async def test_the_reason_helps_and_says_nothing_of_the_token(clock):
    clock.move(hours=2)
    error = await is_refused(make_verifier(clock), MAKER.good(sub="secret-subject"))
    assert error.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_token", error_description="The access token has expired; sign in again"'
    )
    assert error.detail.en == "The access token has expired; sign in again."


@pytest.mark.parametrize("why", ['quote "', "line\nbreak", "中文", "back\\slash", "", "x" * 201])
def test_a_reason_that_would_break_the_header_is_refused(why):
    with pytest.raises(ValueError, match="quoted string"):
        refusal(why)


@pytest.mark.parametrize(
    ("claim", "offset", "good"),
    [
        ("exp", -29, True),
        ("exp", -30, False),
        ("nbf", 30, True),
        ("nbf", 31, False),
        ("iat", 30, True),
        ("iat", 31, False),
    ],
)
async def test_clocks_may_differ_by_the_leeway(clock, claim, offset, good):
    seconds = int(START.timestamp())
    claims = {"iat": seconds - 600, "nbf": seconds - 600, claim: seconds + offset}
    verifier, token = make_verifier(clock), MAKER.good(**claims)
    if good:
        assert await verifier.verify(token)
    else:
        await is_refused(verifier, token)


@pytest.mark.parametrize("leeway", [-1, 121])
def test_an_unbounded_leeway_is_refused(clock, leeway):
    with pytest.raises(ValueError, match="0 to 120"):
        make_verifier(clock, leeway_seconds=leeway)


async def test_a_token_made_for_longer_than_allowed_is_refused(clock):
    verifier = make_verifier(clock, lifetime_seconds_max=LIFETIME_SECONDS)
    assert await verifier.verify(MAKER.good())
    await is_refused(verifier, MAKER.good(exp=int(START.timestamp()) + LIFETIME_SECONDS + 1))


async def test_a_token_for_a_test_platform_does_not_open_another(clock):
    verifier = TokenVerifier(KEYS, issuer="urn:xianjie", audience="xianjie-production", clock=clock)
    await is_refused(verifier, MAKER.good())


class CountingKeys:
    """A key source that counts how often a token was really judged, and can lose its keys."""

    def __init__(self):
        self.judged = 0
        self.withdrawn = False

    async def key_for(self, kid, algorithm):
        self.judged += 1
        return None if self.withdrawn else await KEYS.key_for(kid, algorithm)

    def holds(self, kid, algorithm):
        return not self.withdrawn


async def test_a_verified_token_is_judged_once(clock):
    keys = CountingKeys()
    verifier, token = make_verifier(clock, keys), MAKER.good()
    assert await verifier.verify(token) is await verifier.verify(token)
    assert keys.judged == 1


async def test_a_refused_token_is_judged_again(clock):
    keys = CountingKeys()
    verifier = make_verifier(clock, keys)
    for _ in range(2):
        await is_refused(verifier, MAKER.good(sub=""))
    assert keys.judged == 2


async def test_a_remembered_token_expires(clock):
    verifier, token = make_verifier(clock), MAKER.good()
    await verifier.verify(token)
    clock.move(seconds=LIFETIME_SECONDS + 29)
    assert await verifier.verify(token)
    clock.move(seconds=1)
    await is_refused(verifier, token)


async def test_a_withdrawn_key_ends_remembered_tokens(clock):
    keys = CountingKeys()
    verifier, token = make_verifier(clock, keys), MAKER.good()
    await verifier.verify(token)
    keys.withdrawn = True
    await is_refused(verifier, token)


async def test_revocation_is_asked_every_time(clock):
    revoked = set()
    verifier = make_verifier(clock, is_revoked=lambda token: token.id in revoked)
    token, other = MAKER.good(jti="one"), MAKER.good(jti="two")
    await verifier.verify(token)
    revoked.add("one")
    assert "revoked" in (await is_refused(verifier, token)).detail.en
    assert await verifier.verify(other)


async def test_memory_is_bounded_and_keeps_what_is_used(clock):
    keys = CountingKeys()
    verifier = make_verifier(clock, keys, remembered_max=3)
    first, *others = [MAKER.good(jti=f"token-{n}") for n in range(5)]
    await verifier.verify(first)
    for token in others:
        await verifier.verify(token)
        await verifier.verify(first)
    assert keys.judged == 5
    await verifier.verify(others[0])
    assert keys.judged == 6
    assert len(verifier._remembered) == 3


async def test_without_the_issuers_keys_nobody_is_told_that_his_token_is_bad(clock):
    class Unreachable(CountingKeys):
        async def key_for(self, kid, algorithm):
            raise Unavailable

    with pytest.raises(Unavailable):
        await make_verifier(clock, Unreachable()).verify(MAKER.good())


def test_a_token_shows_no_user_name():
    token = Token("s", "陈大山", (), START, "t")
    assert "陈大山" not in repr(token)


def test_no_issuer_can_name_a_program():
    assert program("relay", COUNTY).subject.startswith(PROGRAM_PREFIX)


@given(
    st.builds(
        Assignment,
        id=st.uuids(),
        role=st.just(Role.COUNTY_OFFICER),
        region=st.just(COUNTY),
        starts_on=st.dates(),
        stands_in_for=st.none(),
    )
)
async def test_a_post_survives_the_way_through_a_token(post):
    token = await make_verifier(FixedClock()).verify(MAKER.good([post]))
    assert token.assignments == (post,)
    assert assignment_claim(token.assignments[0]) == assignment_claim(post)
