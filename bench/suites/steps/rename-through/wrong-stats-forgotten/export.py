import store


def export():
    return "\n".join(str(row) for row in store.load_rows())
