"""``python -m plugin_ui``: serve the pages until a signal says stop."""

from plugin_ui.serve import main

if __name__ == "__main__":
    raise SystemExit(main())
