"""Campaign rules: what they look at, what they give, and how a cart is judged by them."""
