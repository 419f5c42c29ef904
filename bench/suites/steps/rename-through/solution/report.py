from store import load_rows


def report():
    return ", ".join(str(row) for row in load_rows())
