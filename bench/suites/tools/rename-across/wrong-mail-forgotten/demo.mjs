import { addUser, greetingFor } from "./src/index.mjs";

addUser(1, "Ada");
console.log(greetingFor(1));
