# Sourced by the other scripts, from the repository's root: one virtual environment, kept in step with the locks.
#
#     source scripts/environment.sh
#     ensure_environment requirements/runtime.lock .venv    # to run casetrail
#     ensure_environment requirements/dev.lock .venv        # to test it; an environment for development is one for running
#     .venv/bin/casetrail --help
#
# Installs nothing when the environment is already in step, so every script may call it first. What is installed is
# exactly the hashed lock, then this clone as an editable package, built with the setuptools of the lock. Needs Python
# 3.11 or later with venv and pip ($PYTHON names another interpreter); uv, when it is on PATH, makes it faster.
# Prints to standard error only; returns non-zero when something could not be installed.

ensure_environment() {
    local lock=$1 venv=$2 python
    python=$(find_python) || return
    if has_installed "$python" "$lock" "$venv"; then
        return
    fi
    echo "installing $lock into $venv" >&2
    # On top of an unchanged runtime lock the rest is added; everything else starts afresh, so nothing stale remains.
    if ! has_installed "$python" requirements/runtime.lock "$venv"; then
        "$python" -m venv --clear --without-pip "$venv" || return
    fi
    rm -f "$venv/casetrail-locks"
    if command -v uv >/dev/null; then
        install_with_uv "$lock" "$venv" || return
    else
        install_with_pip "$lock" "$venv" || return
    fi
    fingerprint "$python" requirements/runtime.lock "$venv" >"$venv/casetrail-locks" || return
    fingerprint "$python" "$lock" "$venv" >>"$venv/casetrail-locks"
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "casetrail needs Python 3.11 or later: none found (set PYTHON to name one)" >&2
    return 1
}

has_installed() {
    local python=$1 lock=$2 venv=$3
    [ -x "$venv/bin/python" ] && [ -f "$venv/casetrail-locks" ] &&
        grep -qxF "$(fingerprint "$python" "$lock" "$venv")" "$venv/casetrail-locks"
}

# An environment is good for one interpreter, one place on the disk, one lock, and what pyproject.toml declares.
fingerprint() {
    "$1" - "$2" "$3" <<'PYTHON'
import hashlib, os, sys, tomllib
with open(sys.argv[1]) as lock, open("pyproject.toml", "rb") as file:
    declared = tomllib.load(file)
    parts = (sys.version, os.path.realpath(sys.argv[2]), lock.read(), declared["project"], declared["tool"]["setuptools"])
print(hashlib.sha256(repr(parts).encode()).hexdigest())
PYTHON
}

install_with_uv() {
    local lock=$1 venv=$2
    uv pip install --quiet --python "$venv/bin/python" --require-hashes --no-deps --compile-bytecode --requirement "$lock" >&2 &&
        uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --offline --editable . >&2
}

# The lock is complete, so pip resolves nothing; compiling on every core afterwards is faster than pip's own.
install_with_pip() {
    local lock=$1 venv=$2
    local pip=("$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check --no-input install --no-deps)
    "$venv/bin/python" -m ensurepip --upgrade >/dev/null &&
        "${pip[@]}" --no-compile --require-hashes --requirement "$lock" >&2 &&
        env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >&2 &&
        "${pip[@]}" --no-build-isolation --editable . >&2
}
