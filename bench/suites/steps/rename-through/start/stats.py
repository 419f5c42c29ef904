from store import fetch as rows


def mean():
    values = rows()
    return sum(values) / len(values)
