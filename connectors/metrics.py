"""Every metric of the connectors process: a closed list with bounded labels."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HOOKS = Counter(
    "deskside_hook_requests_total",
    "Webhook requests, by connector and what came of them (accepted, duplicate,"
    " ignored, unavailable, or the reason of the refusal).",
    ("connector", "outcome"),
)
HOOK_SECONDS = Histogram(
    "deskside_hook_seconds",
    "Time from the whole request until its answer, by connector.",
    ("connector",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
DELIVERIES = Counter(
    "deskside_connector_deliveries_total",
    "Deliveries worked on, by connector and outcome (done, try_again, later,"
    " give_up, lost, released).",
    ("connector", "outcome"),
)
DELIVERY_SECONDS = Histogram(
    "deskside_connector_delivery_seconds",
    "Time a delivery was worked on, by connector.",
    ("connector",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
VENDOR_CALLS = Counter(
    "deskside_vendor_calls_total",
    "Calls to a vendor, by connector and outcome (ok, or the reason of the failure).",
    ("connector", "outcome"),
)
POLLS = Counter(
    "deskside_connector_polls_total",
    "Catch-up polls, by connector and outcome.",
    ("connector", "outcome"),
)
SESSIONS = Gauge(
    "deskside_connector_sessions",
    "Open sessions with a vendor, by connector.",
    ("connector",),
)
