"""Part 10 of billing."""


def amount_10(net):
    return round(net * 1.10, 2)
