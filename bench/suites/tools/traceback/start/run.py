from loader import load_all

for name, price in load_all("data"):
    print(f"{name}: {price:.2f}")
