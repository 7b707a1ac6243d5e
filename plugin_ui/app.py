"""The Flask app: settings in, blueprints on, nothing else."""

from __future__ import annotations

from flask import Flask, g, redirect, request, url_for

from plugin_ui import (
    admin,
    assets,
    catalogue,
    demo,
    demo_vendors,
    errors,
    health,
    panel,
    security,
)
from plugin_ui.api import documents, drafts, sessions, unary
from plugin_ui.gateway import Gateway
from plugin_ui.settings import PanelSettings

# A document of 10 MB and what a form adds to it.
MAX_REQUEST_BYTES = 10 * 1024 * 1024 + 256 * 1024


def create_app(settings: PanelSettings | None = None) -> Flask:
    """Build the app; without ``settings`` they are read from the environment."""
    settings = settings or PanelSettings.from_environment()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    # Flask types the provider by its base; the default one has this attribute.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # typed as the base provider
    app.extensions["deskside-gateway"] = Gateway(settings)
    security.install(app, settings)
    errors.install(app)
    for blueprint in (
        *(assets.bp, health.bp, panel.bp, admin.bp),
        *(sessions.bp, unary.bp, drafts.bp, documents.bp),
    ):
        app.register_blueprint(blueprint)
    start = "demo.helpdesk" if settings.demo_is_served else "admin.page"
    app.add_url_rule("/", "start", lambda: redirect(url_for(start)))
    if settings.demo_is_served:
        app.register_blueprint(demo.bp)
        demo_vendors.install(app, settings)
    app.context_processor(_for_templates)
    return app


def _for_templates() -> dict[str, object]:
    language = catalogue.language_for(request)
    words = catalogue.words(language)
    return {
        "asset": assets.asset,
        "modules": assets.modules,
        "language": language,
        "words": words,
        "t": lambda key: words.get(key, key),
        "nonce": g.nonce,
    }
