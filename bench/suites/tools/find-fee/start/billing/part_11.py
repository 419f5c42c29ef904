"""Part 11 of billing."""


def amount_11(net):
    return round(net * 1.11, 2)
