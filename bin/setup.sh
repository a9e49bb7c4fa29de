# Read by the other commands in bin/: makes or reuses the virtual environment.
#
#   . bin/setup.sh
#   setup_house requirements.txt        # or requirements-dev.txt
#
# Afterwards $python is the environment's Python and the working directory the project's folder.
# Variables: ZONA_VENV (folder of the environment, .venv), ZONA_PYTHON (the Python to make it with).

set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

PDF_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-paratype)
venv=${ZONA_VENV:-$PWD/.venv}
python=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# Run a long step so that Ctrl-C or SIGTERM ends it together with this script.
step() {
    "$@" &
    local child=$! code=0
    trap 'kill "$child" 2>/dev/null; wait "$child" 2>/dev/null; exit 130' INT TERM HUP
    wait "$child" || code=$?
    trap - INT TERM HUP
    return "$code"
}

find_python() {
    local candidate
    for candidate in ${ZONA_PYTHON:+"$ZONA_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Zona membutuhkan Python 3.11 atau lebih baru; yang terpasang: $(python3 --version 2>/dev/null || echo 'tidak ada')."
    say "Pasang, misalnya: apt-get install -y python3 python3-venv"
    return 1
}

# Install system packages when that is allowed without a question, else say how.
apt_install() {
    local sudo=()
    if ! command -v apt-get >/dev/null; then
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        sudo=(sudo -n)
    fi
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120)
    step "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null 2>&1 && return
    step "${apt[@]}" update >/dev/null 2>&1 || true
    step "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

ensure_venv() {
    if "$python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return
    fi
    local base
    base=$(find_python)
    say "Membuat lingkungan Python di $venv …"
    rm -rf "$venv"
    if ! step "$base" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        apt_install python3-venv || true
        if ! step "$base" -m venv "$venv"; then
            say "Modul venv tidak ada. Pasang: apt-get install -y python3-venv"
            return 1
        fi
    fi
}

# Install the requirements unless the very same ones are there; $1: a requirements file.
ensure_requirements() {
    local digest stamp
    digest=$({ cat requirements.txt "$1"; "$python" --version; } | sha256sum | cut -d' ' -f1)
    stamp=$venv/.zona-${1%.txt}
    if [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then
        return
    fi
    say "Memasang pustaka dari $1 (hanya bila berubah) …"
    step "$python" -m pip install --quiet --quiet --disable-pip-version-check -r "$1"
    printf '%s\n' "$digest" >"$stamp"
}

pdf_packages_present() {
    "$python" - <<'PY'
import ctypes.util
import pathlib
import sys

libraries = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
fonts = [path for path in ("/usr/share/fonts", "/usr/local/share/fonts") if pathlib.Path(path).is_dir()]
found = all(ctypes.util.find_library(name) for name in libraries)
found = found and any(any(pathlib.Path(path).rglob("PT*S*.ttf")) for path in fonts)
sys.exit(not found)
PY
}

# PDF needs libraries that pip cannot bring; without them all but the PDF works.
ensure_pdf_packages() {
    local stamp=$venv/.zona-pdf-packages
    if [ -e "$stamp" ]; then
        return
    fi
    if pdf_packages_present; then
        touch "$stamp"
        return
    fi
    if [ -e "$stamp.tried" ] || ! apt_install "${PDF_PACKAGES[@]}" || ! pdf_packages_present; then
        touch "$stamp.tried"
        say "Tanpa paket berikut PDF tidak dapat dibuat; yang lain berjalan seperti biasa:"
        say "    apt-get install -y ${PDF_PACKAGES[*]}"
        return
    fi
    touch "$stamp"
}

setup_house() {
    mkdir -p "$(dirname "$venv")" var
    # Two commands started together must not build the same environment.
    exec 9>var/setup.lock
    ! command -v flock >/dev/null || flock 9
    ensure_venv
    ensure_requirements "$1"
    ensure_pdf_packages
    exec 9>&-
}
