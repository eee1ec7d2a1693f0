"""The main job: a year of a real shop's coupons, replayed through every operation and checked to the cent."""
