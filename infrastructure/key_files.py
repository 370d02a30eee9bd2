"""Files that hold a secret key: made once, for the owner's eyes only, and refused when others may read them."""

import os
import stat
from pathlib import Path

MAX_KEY_FILE_BYTES = 64 * 1024


class UnusableKeyFile(Exception):
    """A key file cannot be used: the text says which and why, and what to do, in one line and without the content."""


def create(path: Path, content: bytes) -> None:
    """Write a new key file with mode 0600, durably; an existing file is never touched (UnusableKeyFile)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UnusableKeyFile(f"cannot create the key file {path}: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        path.unlink()
        raise UnusableKeyFile(f"cannot write the key file {path}: {error.strerror}") from None


def load(path: Path) -> bytes:
    """The content of a key file. UnusableKeyFile if it is missing, no plain file, too large, or open to others.

    What is checked is the file that was opened, so it cannot be exchanged between the check and the reading.
    A symbolic link is followed: secrets are often mounted that way.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise UnusableKeyFile(f"cannot read the key file {path}: {error.strerror}") from None
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_KEY_FILE_BYTES:
            raise UnusableKeyFile(f"{path} is not a key file")
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UnusableKeyFile(f"the key file {path} is open to others than its owner: chmod 600 {path}")
        return os.read(descriptor, MAX_KEY_FILE_BYTES)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
