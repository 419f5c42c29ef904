export { addUser, getUser } from "./users.mjs";
export { greetingFor } from "./mail.mjs";
