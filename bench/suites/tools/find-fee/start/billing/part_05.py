"""Part 5 of billing."""


def amount_5(net):
    return round(net * 1.05, 2)
