def parse(line):
    name, price = line.split("=")
    return name.strip(), float(price)
