def load(path, separator=","):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split(separator) for line in file]
