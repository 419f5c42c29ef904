"""Part 6 of billing."""


def amount_6(net):
    return round(net * 1.06, 2)
