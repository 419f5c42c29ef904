"""Part 14 of billing."""


def amount_14(net):
    return round(net * 1.14, 2)
