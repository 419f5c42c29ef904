# SPDX-License-Identifier: MIT
"""The user of the shop."""

USER = "user"
