"""A sealed value opens in its own place with its own key, and nowhere else."""

import base64
import json
import threading
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from hypothesis import given
from hypothesis import strategies as st

from application.records import WrappedKey
from domain.values import Sealed
from infrastructure import sealing
from infrastructure.key_files import UnusableKeyFile
from infrastructure.sealing import Place, Sealer, Unreadable, Vault

INSTANCE_KEY = bytes(range(32))
CASE = UUID("6f1c1b52-4c0e-4b7a-9d4e-0d5d6b1f2a01")
PARTY = UUID("6f1c1b52-4c0e-4b7a-9d4e-0d5d6b1f2a02")
PLACE = Place(CASE, 3, "detention.authorized", "grounds")
TEXT = b'"a statement"'


class KeyStore:
    """The committed keys, and how often they were asked for."""

    def __init__(self) -> None:
        """Begin without keys."""
        self.rows: list[WrappedKey] = []
        self.asked = 0

    def find(self, case_id: UUID, party_id: UUID | None) -> bytes | None:
        """The wrapped key in use for a (party, case)."""
        self.asked += 1
        owner = (case_id, party_id)
        return next((row.wrapped for row in reversed(self.rows) if (row.case_id, row.party_id) == owner), None)

    def by_id(self, key_id: bytes) -> bytes | None:
        """The wrapped key of that id."""
        self.asked += 1
        return next((row.wrapped for row in self.rows if row.key_id == key_id), None)


@pytest.fixture
def store() -> KeyStore:
    """An empty key store."""
    return KeyStore()


@pytest.fixture
def vault(store: KeyStore) -> Vault:
    """A vault on the store."""
    return Vault(INSTANCE_KEY, store)


def commit(sealer: Sealer, store: KeyStore, vault: Vault | None = None) -> None:
    """Record what a sealer made, as the ledger does, and tell this process's vault."""
    store.rows.extend(sealer.new_keys)
    if vault is not None:
        vault.learn(sealer.new_keys)


def sealed_once(vault: Vault, store: KeyStore, party: UUID | None = PARTY, place: Place = PLACE) -> Sealed:
    """One value, sealed and committed."""
    sealer = vault.writer(place.case_id)
    value = sealer.seal(party, place, TEXT)
    commit(sealer, store, vault)
    return value


def reason(vault: Vault, value: Sealed, place: Place = PLACE) -> str:
    """Why a value does not open."""
    with pytest.raises(Unreadable) as caught:
        vault.open(place, value)
    return caught.value.reason


def test_what_is_sealed_opens_in_its_place(vault: Vault, store: KeyStore) -> None:
    assert vault.open(PLACE, sealed_once(vault, store)) == TEXT
    assert vault.open(PLACE, sealed_once(vault, store, party=None)) == TEXT


def test_the_layout_is_the_one_written_down(vault: Vault, store: KeyStore) -> None:
    value = sealed_once(vault, store)
    box = base64.urlsafe_b64decode(value.ciphertext + "=" * (-len(value.ciphertext) % 4))
    assert len(box) == 12 + len(TEXT) + 16
    assert store.rows[0].key_id.hex() == value.key_id
    assert len(store.rows[0].wrapped) == 40


def test_bytes_stored_long_ago_open_for_ever(store: KeyStore) -> None:
    """Every number here is spelled out: a change of any of them is a change of what is stored."""
    data_key = bytes(range(100, 132))
    key_id = "6c244b5263e2dda1a5e8e8902b41aa52df7011ed4dbbd9eb1ec70998f7031a6d"
    associated = (
        b"\x00\x0fcasetrail/aad/1"
        + bytes.fromhex("6f1c1b524c0e4b7a9d4e0d5d6b1f2a01")
        + b"\x00\x00\x00\x00\x00\x00\x00\x03"
        + b"\x00\x14detention.authorized"
        + b"\x00\x07grounds"
        + bytes.fromhex(key_id)
    )
    nonce = b"twelve bytes"
    box = nonce + AESGCM(data_key).encrypt(nonce, TEXT, associated)
    text = "dHdlbHZlIGJ5dGVzNvUFp84FSpMr4iZsQd3KWfXAjBDw0SrKXSwey1c"
    assert base64.urlsafe_b64encode(box).decode().rstrip("=") == text
    store.rows.append(WrappedKey(bytes.fromhex(key_id), CASE, PARTY, aes_key_wrap(INSTANCE_KEY, data_key)))
    assert Vault(INSTANCE_KEY, store).open(PLACE, Sealed(key_id, text)) == TEXT


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, case_id=uuid4()),
        replace(PLACE, version=4),
        replace(PLACE, type="detention.extended"),
        replace(PLACE, path="reason"),
        replace(PLACE, type="detention.authorizedg", path="rounds"),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(vault: Vault, store: KeyStore, elsewhere: Place) -> None:
    assert reason(vault, sealed_once(vault, store), elsewhere) == "damaged"


def test_a_value_under_another_key_id_does_not_open(vault: Vault, store: KeyStore) -> None:
    mine, other = sealed_once(vault, store), sealed_once(vault, store, party=None)
    assert reason(vault, replace(mine, key_id=other.key_id)) == "damaged"
    store.rows = [replace(row, wrapped=store.rows[1].wrapped) for row in store.rows]
    assert reason(Vault(INSTANCE_KEY, store), mine) == "damaged"


@given(st.text(max_size=80) | st.text("AZaz09-_=+/", max_size=80))
def test_a_scrap_of_ciphertext_is_damaged(scrap: str) -> None:
    store = KeyStore()
    vault = Vault(INSTANCE_KEY, store)
    assert reason(vault, replace(sealed_once(vault, store), ciphertext=scrap)) == "damaged"


def test_each_changed_character_of_a_ciphertext_is_damage(vault: Vault, store: KeyStore) -> None:
    value = sealed_once(vault, store)
    for at, character in enumerate(value.ciphertext):
        changed = value.ciphertext[:at] + ("A" if character != "A" else "B") + value.ciphertext[at + 1 :]
        assert reason(vault, replace(value, ciphertext=changed)) == "damaged"
    for spelling in (value.ciphertext + "=", value.ciphertext + "\n", value.ciphertext + "!", " " + value.ciphertext):
        assert reason(vault, replace(value, ciphertext=spelling)) == "damaged"


def test_a_key_id_has_one_spelling(vault: Vault, store: KeyStore) -> None:
    value = sealed_once(vault, store)
    fresh = Vault(INSTANCE_KEY, store)
    assert reason(fresh, replace(value, key_id=value.key_id.upper())) == "damaged"
    assert reason(fresh, replace(value, key_id=" " + value.key_id)) == "damaged"
    assert reason(fresh, replace(value, key_id="no key id")) == "damaged"
    assert reason(fresh, replace(value, key_id="00" * 32)) == "gone"


def test_a_destroyed_key_is_gone_once_forgotten(vault: Vault, store: KeyStore) -> None:
    value, narrative = sealed_once(vault, store), sealed_once(vault, store, party=None)
    destroyed = store.rows.pop(0)
    vault.forget([destroyed.key_id])
    assert reason(vault, value) == "gone"
    assert vault.open(PLACE, narrative) == TEXT
    anew = sealed_once(vault, store)
    assert anew.key_id != value.key_id
    assert vault.open(PLACE, anew) == TEXT


def test_a_key_forgotten_while_it_is_looked_up_is_not_kept(store: KeyStore) -> None:
    class Slow(KeyStore):
        """Answers, and only then is the key destroyed."""

        def by_id(self, key_id: bytes) -> bytes | None:
            """The wrapped key, whose owner is erased before the answer arrives."""
            wrapped = super().by_id(key_id)
            self.rows.clear()
            late.forget([key_id])
            return wrapped

    slow = Slow()
    value = sealed_once(Vault(INSTANCE_KEY, store), slow)
    late = Vault(INSTANCE_KEY, slow)
    assert late.open(PLACE, value) == TEXT
    assert reason(late, value) == "gone"


def test_another_instance_key_opens_nothing_and_makes_no_second_key(vault: Vault, store: KeyStore) -> None:
    value = sealed_once(vault, store)
    stranger = Vault(bytes(32), store)
    assert reason(stranger, value) == "damaged"
    sealer = stranger.writer(CASE)
    with pytest.raises(Unreadable, match="damaged"):
        sealer.seal(PARTY, PLACE, TEXT)
    assert sealer.new_keys == ()


def test_one_key_per_party_and_one_for_the_narrative(vault: Vault, store: KeyStore) -> None:
    sealer = vault.writer(CASE)
    other = uuid4()
    names = [sealer.seal(party, PLACE, TEXT).key_id for party in (PARTY, other, None, PARTY, other, None)]
    assert names[:3] == names[3:]
    assert len(set(names)) == 3
    assert [(key.case_id, key.party_id) for key in sealer.new_keys] == [(CASE, PARTY), (CASE, other), (CASE, None)]
    commit(sealer, store)
    elsewhere = uuid4()
    assert sealed_once(vault, store, PARTY, replace(PLACE, case_id=elsewhere)).key_id not in names


def test_a_committed_key_is_used_again_by_every_process(vault: Vault, store: KeyStore) -> None:
    value = sealed_once(vault, store)
    for process in (vault, Vault(INSTANCE_KEY, store)):
        sealer = process.writer(CASE)
        assert sealer.seal(PARTY, PLACE, TEXT).key_id == value.key_id
        assert sealer.new_keys == ()
        assert process.open(PLACE, value) == TEXT


def test_a_new_key_is_nobody_elses_before_the_commit(vault: Vault, store: KeyStore) -> None:
    failed = vault.writer(CASE)
    lost = failed.seal(PARTY, PLACE, TEXT)
    assert reason(vault, lost) == "gone"
    assert vault.writer(CASE).seal(PARTY, PLACE, TEXT).key_id != lost.key_id
    value = sealed_once(vault, store)
    assert value.key_id != lost.key_id
    assert reason(vault, lost) == "gone"


def test_an_opening_asks_for_no_key(vault: Vault, store: KeyStore) -> None:
    sealer = vault.writer(CASE, opening=True)
    value = sealer.seal(PARTY, PLACE, TEXT)
    commit(sealer, store, vault)
    assert vault.open(PLACE, value) == TEXT
    assert vault.writer(CASE).seal(PARTY, PLACE, TEXT).key_id == value.key_id
    assert store.asked == 0


def test_that_a_key_is_missing_is_never_remembered(vault: Vault, store: KeyStore) -> None:
    elsewhere = Vault(INSTANCE_KEY, store).writer(CASE)
    value = elsewhere.seal(PARTY, PLACE, TEXT)
    vault.writer(CASE).seal(PARTY, PLACE, TEXT)
    assert reason(vault, value) == "gone"
    commit(elsewhere, store)
    assert vault.open(PLACE, value) == TEXT
    assert vault.writer(CASE).seal(PARTY, PLACE, TEXT).key_id == value.key_id


def test_memory_is_bounded_by_what_was_used_last(store: KeyStore) -> None:
    vault = Vault(INSTANCE_KEY, store, remembered=2)
    values = [sealed_once(vault, store, uuid4()) for _ in range(4)]
    assert [vault.open(PLACE, value) for value in values] == [TEXT] * 4
    store.asked = 0
    assert vault.open(PLACE, values[2]) == TEXT
    assert vault.open(PLACE, values[0]) == TEXT
    assert vault.open(PLACE, values[2]) == TEXT
    assert store.asked == 1
    assert (len(vault._by_name), len(vault._by_owner)) == (2, 2)


def test_the_same_text_is_never_sealed_alike(vault: Vault) -> None:
    sealer = vault.writer(CASE)
    assert len({sealer.seal(PARTY, PLACE, TEXT).ciphertext for _ in range(100)}) == 100


def test_a_sealer_keeps_to_its_case(vault: Vault) -> None:
    with pytest.raises(ValueError, match="another case"):
        vault.writer(uuid4()).seal(PARTY, PLACE, TEXT)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5), st.text(max_size=20))
def test_any_json_value_comes_back(value: object, path: str) -> None:
    store = KeyStore()
    vault = Vault(INSTANCE_KEY, store)
    place = replace(PLACE, path=path.encode("utf-8", "replace").decode())
    sealer = vault.writer(CASE)
    sealed = sealer.seal(None, place, json.dumps(value).encode())
    commit(sealer, store)
    assert json.loads(vault.open(place, sealed)) == value


def test_threads_share_a_vault(store: KeyStore) -> None:
    vault = Vault(INSTANCE_KEY, store, remembered=4)
    values = [sealed_once(vault, store, uuid4()) for _ in range(12)]
    opened: list[bytes] = []

    def work() -> None:
        for _ in range(20):
            opened.extend(vault.open(PLACE, value) for value in values)
            sealer = vault.writer(CASE)
            opened.extend(
                vault.open(PLACE, sealer.seal(row.party_id, PLACE, TEXT)) for row in store.rows if not sealer.new_keys
            )

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [TEXT] * (4 * 20 * 24)


def test_the_instance_key_survives_in_its_file(tmp_path: Path) -> None:
    key = sealing.create_instance_key(tmp_path / "instance.key")
    assert len(key) == 32
    assert (tmp_path / "instance.key").read_bytes() == base64.b64encode(key) + b"\n"
    assert (tmp_path / "instance.key").stat().st_mode & 0o777 == 0o600
    assert sealing.load_instance_key(tmp_path / "instance.key") == key


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(bytes(31)), bytes(32), b"\xff" * 44])
def test_a_file_without_an_instance_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "instance.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UnusableKeyFile, match="does not hold"):
        sealing.load_instance_key(path)


def test_an_instance_key_open_to_others_is_refused(tmp_path: Path) -> None:
    sealing.create_instance_key(tmp_path / "instance.key")
    (tmp_path / "instance.key").chmod(0o644)
    with pytest.raises(UnusableKeyFile, match="chmod 600"):
        sealing.load_instance_key(tmp_path / "instance.key")


def test_a_short_instance_key_is_refused(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(16), store)
