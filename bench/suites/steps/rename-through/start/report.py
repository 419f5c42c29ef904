from store import fetch


def report():
    return ", ".join(str(row) for row in fetch())
