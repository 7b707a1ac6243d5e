"""What connectors and panel import stays small."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.rules.source import ROOT

HEAVY = {
    *("sqlalchemy", "alembic", "pymysql", "flask", "werkzeug", "onnx", "onnxruntime"),
    *("tokenizers", "numpy", "pydantic", "pypdf", "docx", "redis", "rich", "click"),
    *("zenpy", "simple_salesforce", "slack_sdk", "openai", "anthropic", "weaviate"),
}
SHOW = "import sidecar.client, sys, json; print(json.dumps(sorted(sys.modules)))"


def test_the_client_loads_nothing_heavy() -> None:
    """Importing sidecar.client loads no database, web, model or vendor package."""
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = json.loads(shown.stdout)
    assert {module.split(".", 1)[0] for module in modules} & HEAVY == set()
    rooms = {".".join(m.split(".")[:2]) for m in modules if m.startswith("sidecar.")}
    allowed = {"sidecar.v1", "sidecar.errors", "sidecar.domain", "sidecar.clock"}
    strangers = {room for room in rooms if not room.startswith("sidecar.client")}
    assert strangers - allowed == set()
