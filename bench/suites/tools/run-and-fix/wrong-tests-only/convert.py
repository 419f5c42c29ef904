def to_roman(number):
    if not 1 <= number <= 3999:
        raise ValueError(number)
    pairs = [(1000, "M"), (900, "CM"), (500, "D"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    result = ""
    for value, letters in pairs:
        while number >= value:
            result += letters
            number -= value
    return result
