from store import load_rows as rows


def mean():
    values = rows()
    return sum(values) / len(values)
