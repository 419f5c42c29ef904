# SPDX-License-Identifier: MIT
"""The cart of the shop."""

CART = "cart"
