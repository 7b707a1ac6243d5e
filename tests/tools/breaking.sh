#!/usr/bin/env bash
# Compare the contract with the last published one: the newest tag, else the main
# branch of origin, else the commit before this one. A shallow clone may have none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

find_base() {
  local head candidate
  head=$(git rev-parse -q --verify HEAD) || return 0
  for candidate in "$(git describe --tags --abbrev=0 2>/dev/null || true)" \
    origin/main HEAD~1; do
    [ -n "$candidate" ] || continue
    candidate=$(git rev-parse -q --verify "$candidate^{commit}") || continue
    if [ "$candidate" != "$head" ] && git cat-file -e "$candidate:protos" 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

base=$(find_base)
if [ -z "$base" ]; then
  echo "buf breaking: no earlier contract in this clone to compare with"
  exit 0
fi
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
git archive "$base" protos | tar -x -C "$before"
.venv/bin/buf breaking protos --against "$before/protos"
echo "buf breaking: compatible with ${base:0:12}"
