"""Key files are made once, for their owner only, and refused when others may read them."""

import os
from pathlib import Path

import pytest

from infrastructure import key_files
from infrastructure.key_files import UnusableKeyFile


def test_a_key_file_is_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key_files.create(tmp_path / "key", b"secret")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert key_files.load(tmp_path / "key") == b"secret"


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    key_files.create(tmp_path / "key", b"first")
    with pytest.raises(UnusableKeyFile, match="exists"):
        key_files.create(tmp_path / "key", b"second")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnusableKeyFile, match="exists"):
        key_files.create(tmp_path / "link", b"third")
    assert key_files.load(tmp_path / "key") == b"first"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    key_files.create(tmp_path / "key", b"secret")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(UnusableKeyFile, match="chmod 600"):
        key_files.load(tmp_path / "key")


def test_a_mounted_secret_behind_a_link_is_read(tmp_path: Path) -> None:
    key_files.create(tmp_path / "key", b"secret")
    (tmp_path / "key").chmod(0o400)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    assert key_files.load(tmp_path / "link") == b"secret"


def test_what_is_no_key_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    key_files.create(tmp_path / "large", bytes(key_files.MAX_KEY_FILE_BYTES + 1))
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe", tmp_path / "large"):
        with pytest.raises(UnusableKeyFile):
            key_files.load(path)
    with pytest.raises(UnusableKeyFile, match="No such file"):
        key_files.create(tmp_path / "nowhere" / "key", b"secret")
