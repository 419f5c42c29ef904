"""Part 13 of billing."""


def amount_13(net):
    return round(net * 1.13, 2)
