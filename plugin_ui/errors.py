"""Failures as the pages see them: one JSON shape, the sidecar's public sentences."""

from __future__ import annotations

import logging
import math

import grpc
from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sidecar.client import SidecarError

log = logging.getLogger(__name__)

HTTP_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.CANCELLED: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class BadRequest(Exception):
    """The browser sent what the contract does not know; the message says what."""


class NoSession(Exception):
    """The request carries no bearer."""


def install(app: Flask) -> None:
    """Answer every failure under /api as JSON and log what is nobody's business."""
    app.register_error_handler(SidecarError, sidecar_failed)
    app.register_error_handler(BadRequest, _bad_request)
    app.register_error_handler(NoSession, _no_session)
    app.register_error_handler(HTTPException, _http_failed)
    app.register_error_handler(Exception, _broken)


def as_body(error: SidecarError) -> dict[str, object]:
    """Return the JSON shape of a refused or failed call."""
    reason = error.reason
    if error.is_unreachable:
        reason = "SIDECAR_UNREACHABLE"
    return _body(
        error.code.name,
        reason,
        # gRPC's own words about sockets help nobody in a sidebar.
        "The sidecar does not answer." if error.is_unreachable else error.message,
        retry_after=error.retry_after,
        details=[
            {"field": v.field, "description": v.description} for v in error.violations
        ],
    )


def sidecar_failed(error: SidecarError) -> tuple[Response, int]:
    """Answer a refused or failed call; a person's wait goes to Retry-After."""
    response = jsonify(as_body(error))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response, HTTP_STATUS.get(error.code, 500)


def _body(code: str, reason: str, message: str, **more: object) -> dict[str, object]:
    return {
        "error": {
            "code": code,
            "reason": reason,
            "message": message,
            "request_id": g.get("request_id", ""),
            **more,
        }
    }


def _bad_request(error: BadRequest) -> tuple[Response, int]:
    return jsonify(_body("INVALID_ARGUMENT", "BAD_REQUEST", str(error))), 400


def _no_session(_error: NoSession) -> tuple[Response, int]:
    message = "Sign in first: this call needs a session."
    response = jsonify(_body("UNAUTHENTICATED", "SESSION_MISSING", message))
    response.headers["WWW-Authenticate"] = "Bearer"
    return response, 401


def _http_failed(error: HTTPException) -> HTTPException | tuple[Response, int]:
    status = error.code or 500
    if status < 400:
        return error  # a redirect is an answer, not a failure
    reason = {403: "CROSS_SITE_REQUEST", 413: "TOO_LARGE"}.get(status, "HTTP")
    if request.path.startswith("/api/") or status == 403:
        return jsonify(_body(error.name, reason, error.name)), status
    return Response(f"{status} {error.name}\n", status, mimetype="text/plain"), status


def _broken(error: Exception) -> tuple[Response, int]:
    # The type and the place, never the text: it may hold a customer's words.
    log.error("panel failed: %s at %s", type(error).__name__, request.endpoint)
    return jsonify(_body("INTERNAL", "INTERNAL", "The panel failed.")), 500
