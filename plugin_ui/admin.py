"""The administration page: a shell, everything in it comes through /api."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from plugin_ui.security import came_from_this_machine
from plugin_ui.settings import PanelSettings

bp = Blueprint("admin", __name__)


@bp.get("/admin")
def page() -> str:
    """Show the sign-in form; no frame may hold this page."""
    settings: PanelSettings = current_app.extensions["deskside-settings"]
    demo = settings.demo_is_served and came_from_this_machine()
    return render_template("admin.html", boot={"mode": "admin", "demo": demo})
