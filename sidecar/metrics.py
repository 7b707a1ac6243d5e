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
EVENTS_PUBLISHED = Counter(
    "deskside_events_published_total",
    "Events taken in, by outcome: stored or duplicate.",
    ("outcome",),
)
EVENTS_ENDED = Counter(
    "deskside_event_attempts_ended_total",
    "Attempts at a delivery that ended, by outcome: done, try_again, release, dead.",
    ("outcome",),
)
EVENT_ATTEMPTS = Histogram(
    "deskside_event_attempt",
    "Which attempt a delivery was leased for.",
    buckets=(1, 2, 3, 4, 5),
)
EVENT_LEASES_EXPIRED = Counter(
    "deskside_event_leases_expired_total",
    "Leases that ran out and were taken back.",
)
EVENTS_WAITING = Gauge(
    "deskside_events_waiting",
    "Deliveries that wait or are out, by subscriber.",
    ("subscriber",),
    multiprocess_mode="mostrecent",
)
EVENTS_DEAD = Gauge(
    "deskside_events_dead",
    "Deliveries that are given up, by subscriber.",
    ("subscriber",),
    multiprocess_mode="mostrecent",
)
EVENTS_OLDEST_SECONDS = Gauge(
    "deskside_events_oldest_seconds",
    "Age of the oldest delivery that waits, by subscriber.",
    ("subscriber",),
    multiprocess_mode="mostrecent",
)
READY = Gauge(
    "deskside_ready",
    "Processes whose services are SERVING.",
    multiprocess_mode="livesum",
)
UNKNOWN_METHOD = "unknown"
MODEL_CALLS = Counter(
    "deskside_model_calls_total",
    "Calls of language models, by provider, task and how they ended.",
    ("provider", "task", "outcome"),
)
MODEL_SECONDS = Histogram(
    "deskside_model_seconds",
    "Time a language model took for an answer, by provider and task.",
    ("provider", "task"),
    buckets=_LATENCIES,
)
MODEL_TOKENS = Counter(
    "deskside_model_tokens_total",
    "Tokens of language models, by provider and kind.",
    ("provider", "kind"),
)
MODEL_COST = Counter(
    "deskside_model_cost_micros_usd_total",
    "Cost of language models in millionths of a US dollar, by provider.",
    ("provider",),
)
MODEL_BREAKER_OPEN = Gauge(
    "deskside_model_breaker_open",
    "Processes that leave a provider alone because it is in trouble.",
    ("provider",),
    multiprocess_mode="livesum",
)
MODEL_DEGRADED = Counter(
    "deskside_model_degraded_total",
    "Results the local engine gave in place of a language model, by task and reason.",
    ("task", "reason"),
)
