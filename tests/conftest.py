"""What holds for every test: loopback only, real servers, and skips that are counted.

The rules themselves: warnings are errors and markers strict (pyproject.toml), no
connection leaves this machine (pytest-socket and, under `make test`, a network of
its own), and a full run skips only what tests/allowed_skips.txt allows.
"""

from __future__ import annotations

import os

# Libraries read proxies when they are imported; a proxy would lead off loopback.
for _name in list(os.environ):
    if _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["NO_PROXY"] = "*"
# A developer's own settings must not decide what a test sees.
for _name in list(os.environ):
    if _name.startswith(("DESKSIDE_", "OPENAI_", "ANTHROPIC_")):
        del os.environ[_name]

pytest_plugins = ["tests.servers", "tests.skips"]
