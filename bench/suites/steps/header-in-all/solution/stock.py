# SPDX-License-Identifier: MIT
"""The stock of the shop."""

STOCK = "stock"
