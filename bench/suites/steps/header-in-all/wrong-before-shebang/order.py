# SPDX-License-Identifier: MIT
#!/usr/bin/env python3
"""The order of the shop."""

ORDER = "order"
