import { getUser } from "./users.mjs";

export function greetingFor(id) {
  const usr = getUser(id);
  return usr ? `Dear ${usr.name}` : "Dear customer";
}
