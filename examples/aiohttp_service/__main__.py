"""``python -m aiohttp_service`` serves on port 8000, or on that of the variable ``PORT``."""

import os

from aiohttp import web

from . import make_app

if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
