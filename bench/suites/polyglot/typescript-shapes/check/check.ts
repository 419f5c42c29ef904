import { area, describe, type Shape } from "./shapes.ts";

function equal(got: unknown, wanted: unknown) {
  if (got !== wanted) throw new Error(`got ${got}, wanted ${wanted}`);
}
const triangle: Shape = { kind: "triangle", base: 3, height: 4 };
equal(area(triangle), 6);
equal(describe(triangle), "triangle of base 3 and height 4");
equal(area({ kind: "rect", width: 2, height: 5 }), 10);
equal(describe({ kind: "rect", width: 2, height: 5 }), "2 by 5");
equal(describe({ kind: "circle", radius: 1 }), "circle of radius 1");
