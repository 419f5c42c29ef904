#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The order of the shop."""

ORDER = "order"
