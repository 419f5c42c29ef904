import { addUsr, greetingFor } from "./src/index.mjs";

addUsr(1, "Ada");
console.log(greetingFor(1));
