"""A year of a real grocery shop, replayed through every operation and checked to the cent.

`dataset` reads the shop's baskets and coupons, `scenario` plans the calls, `campaigns` is what the sandbox is given.
`phases`, `loyalty_phases`, `shop_phases` and `after_sales` make the calls, `replay` runs and measures them, and `facts`
says what the responses contain. `expectation`, `promotions`, `club` and `shop` compute from the dataset alone what they
must contain. `demo` compares both, and `report` shows it.
"""
