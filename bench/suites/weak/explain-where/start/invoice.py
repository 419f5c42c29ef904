from rates import STANDARD

SHIPPING = 4.9


def gross(net):
    return round(net * (1 + STANDARD), 2) + SHIPPING
