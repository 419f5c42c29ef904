"""Part 3 of billing."""


def amount_3(net):
    return round(net * 1.03, 2)
