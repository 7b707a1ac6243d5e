"""A page that plays the helpdesk around the panel; on this machine only."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, g, render_template

from plugin_ui.security import came_from_this_machine

bp = Blueprint("demo", __name__)


@bp.before_request
def only_here() -> None:
    """Be nowhere for anybody but a person at this machine."""
    if not came_from_this_machine():
        abort(404)


@bp.get("/demo")
def helpdesk() -> str:
    """Show a helpdesk with the panel in its sidebar."""
    g.frame_src = "'self'"
    vendors = "demo_vendors" in current_app.blueprints
    return render_template("demo.html", boot={"mode": "demo"}, vendors=vendors)


@bp.get("/demo/panel")
def sidebar() -> str:
    """Show the panel alone, for the frame of the demo's page."""
    g.frame_ancestors = "'self'"
    return render_template("panel.html", boot={"mode": "demo"})
