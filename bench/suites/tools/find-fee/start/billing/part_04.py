"""Part 4 of billing."""


def amount_4(net):
    return round(net * 1.04, 2)
