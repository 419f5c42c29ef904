"""Part 1 of billing."""


def amount_1(net):
    return round(net * 1.01, 2)
