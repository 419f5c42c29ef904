ROWS = [3, 1, 2]


def load_rows():
    return list(ROWS)
