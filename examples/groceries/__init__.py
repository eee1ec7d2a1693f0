"""A year of a real grocery shop, replayed through every operation and checked to the cent.

`dataset` reads the shop's baskets and coupons, `scenario` plans the calls, `campaigns` is what the sandbox is given.
`phases`, `after_sales` and `loyalty_phases` make the calls, `replay` runs and measures them, `facts` says what the
responses contain. `expectation`, `promotions` and `club` compute from the dataset alone what they must contain. `demo`
compares both, and `report` shows it.
"""
