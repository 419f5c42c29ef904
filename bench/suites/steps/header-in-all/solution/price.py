# SPDX-License-Identifier: MIT
"""The price of the shop."""

PRICE = "price"
