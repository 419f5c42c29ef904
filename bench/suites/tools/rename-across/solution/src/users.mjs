const users = new Map();

export function addUser(id, name) {
  users.set(id, { id, name });
}

export function getUser(id) {
  return users.get(id);
}
