def average(numbers):
    """The arithmetic mean of a list of numbers."""
    if len(numbers) == 0:
        return 0
    return sum(numbers) / len(numbers)
