import { getUsr } from "./users.mjs";

export function greetingFor(id) {
  const usr = getUsr(id);
  return usr ? `Dear ${usr.name}` : "Dear customer";
}
