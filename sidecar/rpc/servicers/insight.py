"""Status and jobs."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from sidecar.errors import NotAvailable
from sidecar.rpc.translate import insight
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.jobs import cancel_job, get_job, list_jobs
from sidecar.usecases.status import get_status

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import insight_pb2 as pb


class Insight:
    """``InsightService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def get_status(
        self, _request: pb.GetStatusRequest, call: Call
    ) -> pb.GetStatusResponse:
        """Return what this deployment has and lacks."""
        return insight.status(get_status(self._ports, call.caller), version("deskside"))

    def get_job(self, request: pb.GetJobRequest, call: Call) -> pb.GetJobResponse:
        """Return a job with its progress."""
        known = identifier("job_id", request.job_id, required=True)
        return insight.one_job(get_job(self._ports, call.caller, known))

    def cancel_job(
        self, request: pb.CancelJobRequest, call: Call
    ) -> pb.CancelJobResponse:
        """Stop a job."""
        known = identifier("job_id", request.job_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: cancel_job(self._ports, call.caller, known, finish),
            insight.cancelled,
        )

    def list_jobs(self, request: pb.ListJobsRequest, call: Call) -> pb.ListJobsResponse:
        """Return the newest jobs."""
        if request.page_token or request.states or request.kinds:
            raise NotAvailable("Only the newest jobs can be listed, for now.")
        size = page_size(request.page_size)
        return insight.jobs(list_jobs(self._ports, call.caller, size))
