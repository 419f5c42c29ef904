export { addUsr, getUsr } from "./users.mjs";
export { greetingFor } from "./mail.mjs";
