#!/usr/bin/env bash
# Unpack a real MySQL server into .tools/mysql for the tests; install nothing.
# Debian carries MySQL in its unstable suite alone, which moves, so a failure here is
# no error: the reason is kept in .tools/mysql-missing and the tests skip with it.
# The server runs through its own loader and libraries, so root is not needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

TOOLS=$PWD/.tools
ROOT=$TOOLS/mysql
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

give_up() {
  printf '%s\n' "$*" >"$TOOLS/mysql-missing"
  printf 'No MySQL server: %s. Its tests are skipped; MariaDB is still tested.\n' \
    "$*" >&2
  exit 0
}

own_mysqld() { # Ubuntu has one; the mysqld of Debian is MariaDB by another name.
  mysqld --version 2>/dev/null | grep -q MySQL
}

mirror() { # the address this machine's own apt uses, so a local mirror counts
  local uri
  uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 || true)
  printf '%s' "$uri" | tr -d ' '
}

# An apt with its own lists and an empty package database: it sees nothing of the
# machine, so it fetches the server with every library down to the loader.
private_apt() {
  apt-get -q -y -o Dir::State="$work/state" -o Dir::State::status="$work/status" \
    -o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$work/sid.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 \
    -o Acquire::Retries=2 -o Acquire::Languages=none "$@" </dev/null
}

unpack() {
  local package
  for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/root" --no-same-owner \
      --exclude='./usr/share/doc' --exclude='./usr/share/man' \
      --exclude='./usr/share/locale' --exclude='./usr/share/perl*' \
      --exclude='./usr/lib/*/perl*' --exclude='./var' --exclude='./etc'
  done
}

mkdir -p "$TOOLS"
rm -f "$TOOLS/mysql-missing"
if [ -x "$ROOT/usr/sbin/mysqld" ] || own_mysqld; then exit 0; fi
if [ "$(uname -s)" != Linux ] || ! command -v apt-get >/dev/null; then
  give_up "this machine has no apt-get to fetch one with"
fi
[ -e "$KEYRING" ] || give_up "Debian's archive keyring is not installed here"

work=$(mktemp -d "$TOOLS/mysql.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,root}
: >"$work/status"
source=$(mirror)
[ -n "$source" ] || give_up "Debian unstable has no address here: apt names no Debian mirror"
echo "deb [signed-by=$KEYRING] $source sid main" >"$work/sid.list"
echo "Fetching a MySQL server from Debian unstable (about 60 MB, once) ..." >&2
private_apt update >"$TOOLS/mysql.log" 2>&1 ||
  give_up "Debian unstable could not be read (.tools/mysql.log)"
private_apt --no-install-recommends --download-only install mysql-server-core \
  >>"$TOOLS/mysql.log" 2>&1 ||
  give_up "Debian unstable has no installable mysql-server-core today (.tools/mysql.log)"
unpack >>"$TOOLS/mysql.log" 2>&1 || give_up "unpacking failed (.tools/mysql.log)"
[ -x "$work/root/usr/sbin/mysqld" ] || give_up "the package holds no mysqld"
rm -rf "$ROOT"
mv "$work/root" "$ROOT"
