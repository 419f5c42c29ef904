"""Part 8 of billing."""


def amount_8(net):
    return round(net * 1.08, 2)
