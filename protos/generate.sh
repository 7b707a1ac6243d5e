#!/bin/sh
# Writes sidecar/v1 from protos/, or into the folder given. Same input, same bytes.
#   protos/generate.sh [FOLDER]      PYTHON names the interpreter that has grpcio-tools
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=$(cd "${1:-$root}" && pwd)
python=${PYTHON:-$root/.venv/bin/python}
# protoc looks for the mypy plugins beside the interpreter first, then on PATH.
PATH=$(dirname "$python"):$PATH
export PATH
cd "$root"
exec "$python" -m grpc_tools.protoc -Iprotos \
  --python_out="$out" --mypy_out="$out" \
  --grpc_python_out="$out" --mypy_grpc_out="$out" \
  protos/sidecar/v1/*.proto
