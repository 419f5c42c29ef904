"""The cart of the shop."""

CART = "cart"
