import assert from "node:assert/strict";
import { changesFiles } from "./command_changes.ts";

Deno.test("changesFiles() tells commands that read from those that write", () => {
  const cases: readonly (readonly [string, ReturnType<typeof changesFiles>])[] = [
    ["ls -la src && cat a.py | head -5", "no"],
    ["cd src; grep -rn add . 2>/dev/null", "no"],
    ["python3 -m unittest -q", "no"],
    ["npm test 2>&1 | tail -20", "no"],
    ["timeout 60 npm test", "no"],
    ["git status && git diff HEAD", "no"],
    ["sed -n 1,20p a.py", "no"],
    ["find . -name '*.py'", "no"],
    ["node --version", "no"],
    ["npx tsc --noEmit", "no"],
    ["echo x > b.txt", "yes"],
    ["cat > a.py <<'EOF'\nprint(1)\nEOF", "yes"],
    ["sed -i s/a/b/ a.py", "yes"],
    ["git checkout -- a.py", "yes"],
    ["npm install left-pad", "yes"],
    ["npx eslint --fix .", "yes"],
    ["find . -name '*.pyc' -delete", "yes"],
    ["find . -name '*.pyc' -exec rm {} +", "yes"],
    ["bash -c 'rm a.py'", "yes"],
    ["ls | xargs rm", "yes"],
    ["python3 main.py", "maybe"],
    ["./build.sh", "maybe"],
    ["npm run build", "maybe"],
    ["$CMD", "maybe"],
  ];
  for (const [line, wanted] of cases) assert.equal(changesFiles(line), wanted, line);
});
