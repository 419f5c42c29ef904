"""The user of the shop."""

USER = "user"
