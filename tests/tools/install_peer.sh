#!/usr/bin/env bash
# Install what bench_peer measures beside us into .tools/peer, an environment of its
# own: torch and its company (6 GB) never meet ours. The model's weights are those that
# .venv has already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

wanted=tests/tools/requirements-peer.txt
stamp=.tools/peer/.installed
if cmp -s "$wanted" "$stamp"; then exit 0; fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "The peer's packages are locked for Linux on x86-64 only." >&2
  exit 1
fi
if [ -n "${PIP_INDEX_URL:-}" ]; then
  export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
fi
mkdir -p .tools
.venv/bin/uv venv --quiet --allow-existing --python .venv/bin/python .tools/peer
.venv/bin/uv pip install --quiet --python .tools/peer/bin/python \
  --require-hashes -r "$wanted"
cp "$wanted" "$stamp"
