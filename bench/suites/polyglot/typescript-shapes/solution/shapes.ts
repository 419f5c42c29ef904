export type Shape =
  | { kind: "circle"; radius: number }
  | { kind: "rect"; width: number; height: number }
  | { kind: "triangle"; base: number; height: number };

export function area(shape: Shape): number {
  switch (shape.kind) {
    case "circle":
      return Math.PI * shape.radius ** 2;
    case "rect":
      return shape.width * shape.height;
    case "triangle":
      return shape.base * shape.height / 2;
  }
}

export function describe(shape: Shape): string {
  switch (shape.kind) {
    case "circle":
      return `circle of radius ${shape.radius}`;
    case "rect":
      return `${shape.width} by ${shape.height}`;
    case "triangle":
      return `triangle of base ${shape.base} and height ${shape.height}`;
  }
}
