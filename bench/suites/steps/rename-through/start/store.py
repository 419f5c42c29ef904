ROWS = [3, 1, 2]


def fetch():
    return list(ROWS)
