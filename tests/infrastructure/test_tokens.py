"""A token proves who calls, or it proves nothing: no other outcome, whatever the text."""

import base64
import json
import threading
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure import tokens
from infrastructure.key_files import UnusableKeyFile
from infrastructure.tokens import AUDIENCE, ISSUER, BadToken, Identity, Issuer, Verifier

NOON = 1_717_243_200
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KID = tokens.key_id(KEY.public_key())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "officer-7",
    "role": "officer",
    "iat": NOON,
    "exp": NOON + 600,
}


class SetClock:
    """A clock that stands where it is put, in seconds."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.now = NOON

    def __call__(self) -> int:
        """The instant in microseconds."""
        return self.now * 1_000_000


@pytest.fixture
def clock() -> SetClock:
    """A clock at noon."""
    return SetClock()


@pytest.fixture
def issuer(clock: SetClock) -> Issuer:
    """The embedded issuer."""
    return Issuer(KEY, clock)


@pytest.fixture
def verifier(issuer: Issuer, clock: SetClock) -> Verifier:
    """A verifier that trusts the issuer."""
    return Verifier(issuer.public_keys(), clock)


def signed(claims: dict[str, Any], key: Any = KEY, algorithm: str = "EdDSA", kid: object = KID) -> str:
    """A token with any claims, properly signed unless told otherwise."""
    return jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid is not None else None)


def spelled(header: object, payload: object, signature: bytes = b"") -> str:
    """A token of any JSON, signed with nothing."""
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def reason(verifier: Verifier, token: str) -> str:
    """Why a token is refused."""
    with pytest.raises(BadToken) as caught:
        verifier.verify(token)
    assert caught.value.__cause__ is None
    return caught.value.reason


def test_an_issued_token_names_its_subject_and_role(issuer: Issuer, verifier: Verifier) -> None:
    token = issuer.issue("officer-7", "officer", ttl=600)
    assert verifier.verify(token) == Identity("officer-7", "officer", NOON + 600)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert {name: claims[name] for name in CLAIMS} == CLAIMS
    assert claims["jti"] != jwt.decode(issuer.issue("a", "b", 1), options={"verify_signature": False})["jti"]


def test_a_token_is_good_until_the_second_it_expires(issuer: Issuer, verifier: Verifier, clock: SetClock) -> None:
    token = issuer.issue("officer-7", "officer", ttl=600)
    clock.now += 599
    assert verifier.verify(token).subject == "officer-7"
    clock.now += 1
    assert reason(verifier, token) == "expired"
    assert reason(Verifier(issuer.public_keys(), clock), token) == "expired"


def test_a_remembered_token_is_not_proved_again(issuer: Issuer, verifier: Verifier, clock: SetClock) -> None:
    token = issuer.issue("officer-7", "officer", ttl=600)
    first = verifier.verify(token)
    assert verifier.verify(token) is first
    clock.now += 600
    assert reason(verifier, token) == "expired"
    clock.now -= 1
    assert verifier.verify(token) is not first


def test_memory_is_bounded_and_holds_only_good_tokens(
    issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    good = [issuer.issue("officer-7", "officer", ttl=600) for _ in range(5)]
    kept = [verifier.verify(token) for token in good]
    assert reason(verifier, good[0][:-8] + "AAAAAAAA") == "invalid"
    assert len(verifier._known) == 3
    assert [verifier.verify(token) is identity for token, identity in zip(good[2:], kept[2:], strict=True)] == [True] * 3
    assert verifier.verify(good[0]) == kept[0]


@pytest.mark.parametrize("missing", sorted(CLAIMS))
def test_every_claim_is_required(verifier: Verifier, missing: str) -> None:
    assert verifier.verify(signed(CLAIMS)).role == "officer"
    assert reason(verifier, signed({name: value for name, value in CLAIMS.items() if name != missing})) == "invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "somebody"},
        {"aud": "another"},
        {"aud": []},
        {"sub": ""},
        {"sub": 7},
        {"sub": "line\nbreak"},
        {"sub": "x" * 201},
        {"role": None},
        {"role": ["officer"]},
        {"role": "x" * 65},
        {"exp": str(NOON + 600)},
        {"exp": NOON + 0.5},
        {"exp": True},
        {"exp": None},
        {"iat": "noon"},
        {"iat": NOON + 61},
        {"nbf": NOON + 61},
        {"nbf": None},
    ],
)
def test_a_wrong_claim_makes_a_token_invalid(verifier: Verifier, wrong: dict[str, object]) -> None:
    assert reason(verifier, signed(CLAIMS | wrong)) == "invalid"


def test_clocks_may_differ_by_a_minute_at_the_beginning(verifier: Verifier) -> None:
    token = signed(CLAIMS | {"iat": NOON + 60, "nbf": NOON + 60, "aud": ["x", AUDIENCE]})
    assert verifier.verify(token).role == "officer"


def test_only_the_known_key_signs(verifier: Verifier) -> None:
    other = Ed25519PrivateKey.generate()
    assert reason(verifier, signed(CLAIMS, other)) == "invalid"
    assert reason(verifier, signed(CLAIMS, other, kid="unknown")) == "invalid"
    assert reason(verifier, signed(CLAIMS, kid=None)) == "invalid"


def test_the_token_does_not_choose_the_algorithm(verifier: Verifier) -> None:
    public = KEY.public_key().public_bytes_raw()
    assert reason(verifier, signed(CLAIMS, public, "HS256")) == "invalid"
    assert reason(verifier, signed(CLAIMS, None, "none")) == "invalid"
    assert reason(verifier, signed(CLAIMS, ec.generate_private_key(ec.SECP256R1()), "ES256")) == "invalid"


def test_keys_of_a_provider_sign_with_their_own_algorithm(clock: SetClock) -> None:
    p256, rsa_key = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    verifier = Verifier({"p": p256.public_key(), "r": rsa_key.public_key()}, clock, issuer="idp", audience="us")
    claims = CLAIMS | {"iss": "idp", "aud": "us"}
    assert verifier.verify(signed(claims, p256, "ES256", kid="p")).subject == "officer-7"
    assert verifier.verify(signed(claims, rsa_key, "RS256", kid="r")).subject == "officer-7"
    assert reason(verifier, signed(claims, rsa_key, "RS256", kid="p")) == "invalid"
    assert reason(verifier, signed(claims, rsa_key, "PS256", kid="r")) == "invalid"
    assert reason(verifier, signed(CLAIMS, rsa_key, "RS256", kid="r")) == "invalid"


def test_keys_no_allowed_algorithm_takes_are_refused(clock: SetClock) -> None:
    weak: list[Any] = [
        ec.generate_private_key(ec.SECP384R1()),
        ed448.Ed448PrivateKey.generate(),
        rsa.generate_private_key(65537, 1024),  # noqa: S505
    ]
    for key in weak:
        with pytest.raises(ValueError, match="P-256"):
            Verifier({"k": key.public_key()}, clock)


def test_critical_extensions_are_not_understood(verifier: Verifier) -> None:
    token = jwt.encode(CLAIMS, KEY, "EdDSA", headers={"kid": KID, "crit": ["x"], "x": 1})
    assert reason(verifier, token) == "invalid"


def test_a_token_above_eight_kibibytes_is_not_looked_at(verifier: Verifier) -> None:
    assert verifier.verify(signed(CLAIMS | {"pad": "x" * 5500})).role == "officer"
    assert reason(verifier, signed(CLAIMS | {"pad": "x" * 6500})) == "invalid"


DEEP = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c.d",
        "ключ.ключ.ключ",
        "\ud800",
        f"{DEEP}.e30.AA",
        spelled({"alg": "EdDSA", "kid": [1]}, CLAIMS),
        spelled({"alg": "EdDSA", "kid": KID}, CLAIMS),
        spelled({"alg": ["EdDSA"], "kid": KID}, CLAIMS, bytes(64)),
        spelled({"alg": "EdDSA", "kid": KID, "b64": False, "crit": ["b64"]}, CLAIMS, bytes(64)),
        spelled([], CLAIMS),
        spelled(None, None),
    ],
)
def test_scraps_are_invalid(verifier: Verifier, token: str) -> None:
    assert reason(verifier, token) == "invalid"


def test_a_signed_payload_that_is_no_object_is_invalid(verifier: Verifier) -> None:
    for payload in (b"[]", b"null", b"[" * 5000, b"\xff", b'{"exp":' + b"9" * 5000 + b"}"):
        assert reason(verifier, jwt.PyJWS().encode(payload, KEY, "EdDSA", headers={"kid": KID})) == "invalid"


SCRAPS = st.text(max_size=60) | st.text("ey.AQ-_=J", max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([KID, "EdDSA", "none", "b64"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ", "exp"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(SCRAPS | st.builds(spelled, JSON, JSON, st.binary(max_size=64)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_bad_token(token: str) -> None:
    clock = SetClock()
    assert reason(Verifier(Issuer(KEY, clock).public_keys(), clock), token) == "invalid"


CLAIM_NAMES = st.sampled_from(["exp", "iat", "nbf", "iss", "aud", "sub", "role", "jti"])


@given(st.dictionaries(CLAIM_NAMES, JSON, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_signed_claims_are_an_identity_or_a_bad_token(claims: dict[str, object]) -> None:
    clock = SetClock()
    verifier = Verifier(Issuer(KEY, clock).public_keys(), clock)
    token = jwt.PyJWS().encode(json.dumps(CLAIMS | claims).encode(), KEY, "EdDSA", headers={"kid": KID})
    try:
        identity = verifier.verify(token)
    except BadToken:
        return
    assert 0 < len(identity.subject) <= 200
    assert identity.role.isprintable()
    assert identity.expires_at > NOON


@pytest.mark.parametrize(("subject", "role", "ttl"), [("", "officer", 1), ("a\0", "officer", 1), ("a", "", 1), ("a", "b", 0)])
def test_nothing_is_issued_that_would_not_verify(issuer: Issuer, subject: str, role: str, ttl: int) -> None:
    with pytest.raises(ValueError, match=r"second|texts"):
        issuer.issue(subject, role, ttl)


def test_threads_share_a_verifier(issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 5)
    good = [issuer.issue(f"officer-{number}", "officer", ttl=600) for number in range(20)]
    seen: list[bool] = []

    def work() -> None:
        seen.extend(verifier.verify(token).subject == f"officer-{number}" for number, token in enumerate(good))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 120
    assert len(verifier._known) <= 5


def test_the_signing_key_survives_in_its_file(tmp_path: Path) -> None:
    key = tokens.create_signing_key(tmp_path / "issuer.pem")
    assert (tmp_path / "issuer.pem").stat().st_mode & 0o777 == 0o600
    again = tokens.load_signing_key(tmp_path / "issuer.pem")
    assert again.private_bytes_raw() == key.private_bytes_raw()


def test_a_signing_key_open_to_others_is_refused(tmp_path: Path) -> None:
    tokens.create_signing_key(tmp_path / "issuer.pem")
    (tmp_path / "issuer.pem").chmod(0o644)
    with pytest.raises(UnusableKeyFile, match="chmod 600"):
        tokens.load_signing_key(tmp_path / "issuer.pem")


def test_a_file_with_another_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    path.write_bytes(b"no key")
    path.chmod(0o600)
    with pytest.raises(UnusableKeyFile, match="no readable"):
        tokens.load_signing_key(path)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = serialization.BestAvailableEncryption(b"pass")
    path.write_bytes(KEY.private_bytes(pem, pkcs8, secret))
    with pytest.raises(UnusableKeyFile, match="no readable"):
        tokens.load_signing_key(path)
    other = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(other.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    with pytest.raises(UnusableKeyFile, match="Ed25519"):
        tokens.load_signing_key(path)
