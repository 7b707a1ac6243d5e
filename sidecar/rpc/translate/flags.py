"""Requests and answers about feature flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import limits
from sidecar.usecases.flags import KNOWN
from sidecar.v1 import policy_pb2 as pb

if TYPE_CHECKING:
    from sidecar.usecases.flags import Flags

_MOST = 50


def changes(request: pb.UpdateFeatureFlagsRequest) -> tuple[dict[str, bool], str]:
    """Return the new states by name, and the version the caller has seen."""
    limits.check_count("flags", len(request.flags), _MOST)
    return dict(request.flags), limits.identifier("etag", request.etag)


def shown(found: Flags) -> pb.GetFeatureFlagsResponse:
    """Return which features are on."""
    return pb.GetFeatureFlagsResponse(flags=_flags(found), etag=found.etag)


def updated(found: Flags) -> pb.UpdateFeatureFlagsResponse:
    """Return which features are on now."""
    return pb.UpdateFeatureFlagsResponse(flags=_flags(found), etag=found.etag)


def _flags(found: Flags) -> list[pb.FeatureFlag]:
    return [
        pb.FeatureFlag(name=name, enabled=on, description=KNOWN[name][0])
        for name, on in sorted(found.values.items())
    ]
