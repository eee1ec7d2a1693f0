"""Orders on aiohttp, as JSON: a customer's coupons, which are dispensable, and the checkout, which is not."""

from .service import make_app as make_app
