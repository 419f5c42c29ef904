const users = new Map();

export function addUsr(id, name) {
  users.set(id, { id, name });
}

export function getUsr(id) {
  return users.get(id);
}
