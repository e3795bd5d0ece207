# What packaging/run and packaging/test share: find Python, system libraries, the locked requirements.
# Sourced by bash; sets ROOT and PYTHON. Nothing here needs more than bash, coreutils and Python 3.11.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

# Library file probed for : Debian / Ubuntu package that brings it.
RUN_LIBRARIES="
libGL.so.1:libgl1
libEGL.so.1:libegl1
libglib-2.0.so.0:libglib2.0-0
libfontconfig.so.1:libfontconfig1
libxkbcommon.so.0:libxkbcommon0
libdbus-1.so.3:libdbus-1-3
libxcb-cursor.so.0:libxcb-cursor0
libxcb-icccm.so.4:libxcb-icccm4
libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-randr.so.0:libxcb-randr0
libxcb-shape.so.0:libxcb-shape0
libxcb-xfixes.so.0:libxcb-xfixes0
libxcb-sync.so.1:libxcb-sync1
libxcb-image.so.0:libxcb-image0
libxcb-render-util.so.0:libxcb-render-util0
libxkbcommon-x11.so.0:libxkbcommon-x11-0
libX11-xcb.so.1:libx11-xcb1
libportaudio.so.2:libportaudio2
libasound.so.2:libasound2
"
# Command probed for : package.
TEST_COMMANDS="
Xvfb:xvfb
xauth:xauth
xdotool:xdotool
jackd:jackd2
"

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            PYTHON="$(command -v "$candidate")"
            return
        fi
    done
    die "Understudy needs Python 3.11 or newer; none was found."
}

has_library() {
    "$PYTHON" - "$1" <<'PY' 2>/dev/null
import ctypes, sys
ctypes.CDLL(sys.argv[1])
PY
}

missing_libraries() {
    local entry
    [ "$(uname -s)" = Linux ] || return 0
    for entry in $RUN_LIBRARIES; do
        has_library "${entry%%:*}" || printf '%s\n' "${entry##*:}"
    done
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || printf '%s\n' "$(venv_package)"
}

missing_commands() {
    local entry
    [ "$(uname -s)" = Linux ] || return 0
    for entry in $TEST_COMMANDS; do
        command -v "${entry%%:*}" >/dev/null 2>&1 || printf '%s\n' "${entry##*:}"
    done
}

# The model is decoded four times as fast by a kernel compiled at its first use; without a compiler numpy does it.
missing_compiler() {
    [ "$(uname -s)" = Linux ] || return 0
    command -v cc >/dev/null 2>&1 || printf '%s\n' gcc libc6-dev
}

venv_package() { "$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'; }

# Ubuntu 24.04 renamed a few packages for 64-bit time (libasound2 -> libasound2t64).
package_name() {
    if [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; then printf '%s\n' "$1"; else printf '%s\n' "${1}t64"; fi
}

install_packages() {
    [ $# -gt 0 ] || return 0
    local as_root=""
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Some system libraries were not found; on Debian they are called: $*"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root="sudo"
        else
            say "Please install these once, then start again:  sudo apt-get install $*"
            return 1
        fi
    fi
    say "Installing system libraries: $*"
    $as_root apt-get update -qq || return 1
    local names=() wanted
    for wanted in "$@"; do names+=("$(package_name "$wanted")"); done
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" \
        >/dev/null
}

ready_stamp() { cat "$ROOT"/packaging/*.lock "$ROOT/pyproject.toml" | cksum; }

# make_venv LOCK...: .venv with exactly the locked requirements; nothing is done when it is there already.
make_venv() {
    local stamp_file="$VENV/.understudy-$1"
    if [ -f "$stamp_file" ] && [ "$(cat "$stamp_file")" = "$(ready_stamp)" ]; then return; fi
    if [ ! -x "$VENV/bin/python" ]; then
        say "Making .venv (once; about a minute)"
        "$PYTHON" -m venv "$VENV" || die "The virtual environment .venv could not be made."
    fi
    local lock
    for lock in "$@"; do
        "$VENV/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
            -r "$ROOT/packaging/$lock.lock" || die "The requirements in packaging/$lock.lock could not be installed."
    done
    # tinysoundfont names pyaudio, which has no Linux wheel and which Understudy never calls.
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
        -r "$ROOT/packaging/no-deps.lock" || die "The requirements in packaging/no-deps.lock could not be installed."
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e "$ROOT" ||
        die "Understudy itself could not be installed into .venv."
    ready_stamp >"$stamp_file"
}

# The training tests need torch, whose wheel differs from machine to machine (CPU, CUDA), so no hash can be locked.
# The product itself decodes without it.
TORCH="torch==2.13.0"
install_torch() {
    "$VENV/bin/python" -c 'import torch' 2>/dev/null && return
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check "$TORCH" ||
        die "$TORCH, which the training tests need, could not be installed."
}
