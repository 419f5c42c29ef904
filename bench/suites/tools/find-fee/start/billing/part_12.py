"""Part 12 of billing."""


def amount_12(net):
    return round(net * 1.12, 2)
