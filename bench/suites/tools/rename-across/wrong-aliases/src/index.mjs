export { addUser, addUser as addUsr, getUser, getUser as getUsr } from "./users.mjs";
export { greetingFor } from "./mail.mjs";
