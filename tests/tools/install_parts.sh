#!/usr/bin/env bash
# Install the real servers and the browser that the tests use (Debian, Ubuntu).
# As root it installs what is missing; otherwise it prints the command to run.
set -euo pipefail

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

if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  say "The tests use real servers, and some are missing. To install them, run:"
  say "    sudo apt-get install -y --no-install-recommends ${missing[*]}"
  say "Going on without them; tests that need them are skipped and reported."
  exit 0
fi
say "Installing ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update >&2
# The tests start their own servers; Debian's must not start beside them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2 </dev/null
