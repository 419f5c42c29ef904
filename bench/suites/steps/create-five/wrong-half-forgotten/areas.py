import circle
import rectangle
import square
import triangle

print(square.area(2), circle.area(1), triangle.area(3, 4), rectangle.area(2, 5))
