"""A checkout on FastAPI: a cart page where a customer types a coupon, sees the discounts, and buys.

``shop`` prices the cart, ``pages`` shows it, ``templates`` has the HTML. While Talon.One is slow or down, the shop
sells without discounts. ``telemetry`` is the same shop with OpenTelemetry.
"""

from .pages import app as app
