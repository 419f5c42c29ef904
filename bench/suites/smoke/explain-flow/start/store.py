def load():
    return [("bolts", 7), ("nuts", 0), ("screws", 12)]
