"""What every benchmark needs: the machine's name, medians, fair turns, a table."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil


def machine() -> dict[str, Any]:
    """Name what the figures were taken on."""
    models = (
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    return {
        "cpu": next(models, platform.processor()),
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total >> 20,
        "system": platform.platform(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "load": round(os.getloadavg()[0], 2),
    }


def spread(samples: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds of samples in seconds."""
    ranked = sorted(samples)
    return {
        "p50_ms": round(statistics.median(ranked) * 1e3, 3),
        "p95_ms": round(ranked[int(len(ranked) * 0.95)] * 1e3, 3),
        "p99_ms": round(ranked[int(len(ranked) * 0.99)] * 1e3, 3),
    }


def runs(samples: list[float], digits: int = 2) -> dict[str, float]:
    """Return least, median and most of a few runs."""
    return {
        "min": round(min(samples), digits),
        "median": round(statistics.median(samples), digits),
        "max": round(max(samples), digits),
    }


def judge(limits: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Say of each limit, (measured, allowed at most), whether it is kept."""
    return {
        name: f"{'kept' if measured <= allowed else 'MISSED'}: {measured} of {allowed}"
        for name, (measured, allowed) in limits.items()
    }


def at_least(limits: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Say of each limit, (measured, wanted at least), whether it is kept."""
    return {
        name: f"{'kept' if measured >= wanted else 'MISSED'}: {measured} of {wanted}"
        for name, (measured, wanted) in limits.items()
    }


def alternate(
    sides: Mapping[str, Callable[[int], object]], rounds: int
) -> dict[str, dict[str, float]]:
    """Time every side once a round, in turn, so that noise meets all alike."""
    samples: dict[str, list[float]] = {name: [] for name in sides}
    for at in range(rounds):
        for name, call in sides.items():
            started = time.perf_counter()
            call(at)
            samples[name].append(time.perf_counter() - started)
    return {name: spread(taken) for name, taken in samples.items()}


def rate_of(callers: Sequence[Callable[[int], object]], seconds: float) -> float:
    """Let all callers call at once without pause; return the answers a second.

    Each gets numbers to tell its calls apart. A caller's last answer counts with the
    time it took, so that slow answers are not lost at the end.
    """
    numbers = itertools.count()
    stop_at = time.monotonic() + seconds

    def one(call: Callable[[int], object]) -> float:
        began = time.monotonic()
        for answered in itertools.count(1):
            call(next(numbers))
            if (now := time.monotonic()) > stop_at:
                return answered / (now - began)
        raise AssertionError

    with ThreadPoolExecutor(len(callers)) as pool:
        return sum(pool.map(one, callers))


def of_rounds(ours: Sequence[float], theirs: Sequence[float], digits: int = 2) -> float:
    """Return the median of one side over another, round by round.

    What else runs on the machine meets neighbouring turns alike.
    """
    shares = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return round(statistics.median(shares), digits)


def ratio(result: Mapping[str, Any], ours: str, theirs: str) -> float:
    """Return our median over theirs."""
    return round(float(result[ours]["p50_ms"] / result[theirs]["p50_ms"]), 3)


def in_fresh_process(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``python -m module --child arguments`` and return the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, "--child", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks have."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--json", type=Path, help="write the figures here as well")
    options.add_argument("--child", nargs="*", help=argparse.SUPPRESS)
    return options


def publish(report: dict[str, Any], path: Path | None) -> int:
    """Print the report as a table, write it as JSON if asked; 1 for a missed limit."""
    for title, part in report.items():
        if not isinstance(part, dict):
            print(f"{title:30} {part}")
            continue
        print(title)
        for name, value in part.items():
            if isinstance(value, dict):
                value = "  ".join(f"{key} {one}" for key, one in value.items())
            print(f"  {name:28} {value}")
    if path:
        path.write_text(json.dumps(report, indent=2) + "\n")
    verdicts = report.get("limits", {}).values()
    return int(any(verdict.startswith("MISSED") for verdict in verdicts))
