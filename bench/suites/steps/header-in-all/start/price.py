"""The price of the shop."""

PRICE = "price"
