from invoice import gross

print(gross(100))
