"""Part 7 of billing."""


def amount_7(net):
    return round(net * 1.07, 2)
