def load(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split(",") for line in file]
