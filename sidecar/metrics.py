"""Every metric the sidecar has: a closed list, each with its kind and meaning.

Labels are bounded: a method outside the contract counts as ``unknown``, and no
label ever holds an identifier of a ticket, customer or workspace. With several
processes prometheus_client shares the numbers through files in the folder named by
``PROMETHEUS_MULTIPROC_DIR``; the supervisor adds them up.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_LATENCIES = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
)  # fmt: skip

RPC_SECONDS = Histogram(
    "deskside_rpc_seconds",
    "Time from the first byte of a call until its status, by method and code.",
    ("method", "code"),
    buckets=_LATENCIES,
)
RPC_REFUSED = Counter(
    "deskside_rpc_refused_total",
    "Calls that ended with a reason of the error catalogue, by reason.",
    ("reason",),
)
RPC_IN_FLIGHT = Gauge(
    "deskside_rpc_in_flight",
    "Calls that are running or waiting for a thread.",
    multiprocess_mode="livesum",
)
RPC_REPLAYED = Counter(
    "deskside_rpc_replayed_total",
    "Calls answered with the saved answer of an earlier call, by method.",
    ("method",),
)
READY = Gauge(
    "deskside_ready",
    "Processes whose services are SERVING.",
    multiprocess_mode="livesum",
)
UNKNOWN_METHOD = "unknown"
