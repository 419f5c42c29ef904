"""Part 9 of billing."""

LATE_FEE = 5.0


def amount_9(net):
    return round(net * 1.09, 2)


def with_late_fee(net, days):
    return net + LATE_FEE if days > 14 else net
