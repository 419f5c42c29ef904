from colors import COLORS


def lookup(name):
    return COLORS.get(name.lower())
