"""The stock of the shop."""

STOCK = "stock"
