# Rates that the law fixes.
STANDARD = 0.19  # value added tax
REMINDER_FEE = 2.5
