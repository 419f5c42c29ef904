import assert from "node:assert/strict";
import { covers } from "./covers.ts";

Deno.test("covers() says no only where the runner's language or its folder leaves the file out", () => {
  const yes = [
    ["python3 -m pytest -q", "src/a.py"],
    ["python3 -m pytest -q", "README.md"],
    ["python3 -m pytest -q", "run.sh"],
    ["npm test", "a.js"],
    ["npm test", "a.py"],
    ["make test", "a.go"],
    ["npx --no-install jest", "src/a.tsx"],
    ["cd web && npm test", "web/src/a.js"],
    ["cd './my web' && npm test", "my web/a.js"],
    ["cd web && npm test", "README.md"],
    ["cd ./web/ && npm test", "web/a.js"],
    ['cd "my web" ; npm test', "my web/a.js"],
    ["cd . && npm test", "a.js"],
    ["cd /home/me/project/web && npm test", "web/a.js"],
    ["cd $WEB && npm test", "web/a.js"],
    [".venv/bin/python -m pytest -q", "a.py"],
    ["go test ./... && npm test", "a.go"],
    ["./mvnw -B -ntp test", "src/A.java"],
  ] as const;
  for (const [command, path] of yes) assert.equal(covers(command, path), true, `${command}: ${path}`);
  const no = [
    ["python3 -m pytest -q", "web/a.js"],
    ["python3 -m unittest", "main.go"],
    ["node --test", "a.py"],
    ["go test ./...", "web/a.ts"],
    ["cargo test", "a.py"],
    ["cd web && npm test", "api/a.js"],
    ["cd .. && npm test", "api/a.js"],
    ["cd web && npm test", "webshop/a.js"],
  ] as const;
  for (const [command, path] of no) assert.equal(covers(command, path), false, `${command}: ${path}`);
});
