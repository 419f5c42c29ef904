"""Part 2 of billing."""


def amount_2(net):
    return round(net * 1.02, 2)
