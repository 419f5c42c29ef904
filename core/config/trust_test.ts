import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inTempHome } from "./_temp_home.ts";
import { isTrusted, listTrusted, trustFolder, untrustFolder } from "./trust.ts";

Deno.test("isTrusted() holds for a folder and what lies in it, not for its neighbours or what is around it", async () => {
  await inTempHome({ "work/in/a": "", "work2/a": "", "work/..x/a": "" }, async ({ home, cwd, config }) => {
    equal(await isTrusted(config, cwd), false);
    await trustFolder(config, cwd);
    const folders = ["work", "work/in", "work/..x", "work2", ".", "gone"];
    deepEqual(await Promise.all(folders.map((folder) => isTrusted(config, join(home, folder)))), [
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

Deno.test("isTrusted() counts a symbolic link as where it leads", async () => {
  await inTempHome({ "evil/a": "" }, async ({ home, cwd, config }) => {
    await trustFolder(config, cwd);
    await symlink(join(home, "evil"), join(cwd, "link"));
    await symlink(cwd, join(home, "alias"));
    deepEqual(
      [await isTrusted(config, join(cwd, "link")), await isTrusted(config, join(home, "alias"))],
      [false, true],
    );
  });
});

Deno.test("trustFolder() lists a folder once, by its real path, in a file of the user alone", async () => {
  await inTempHome({ "b/x": "" }, async ({ home, cwd, config }) => {
    const real = await trustFolder(config, join(home, "b"));
    await trustFolder(config, join(home, "b", "."));
    const other = await trustFolder(config, cwd);
    deepEqual(await listTrusted(config), [real, other].toSorted());
    equal((await stat(join(config, "trusted.json"))).mode & 0o777, 0o600);
    await rejects(trustFolder(config, join(home, "gone")), {
      name: "ConfigError",
      message: /^Cannot trust ".*gone": there is no such folder$/,
    });
  });
});

Deno.test("untrustFolder() takes off what is listed and says when a folder was not", async () => {
  await inTempHome({ "work/in/a": "" }, async ({ cwd, config }) => {
    await trustFolder(config, cwd);
    deepEqual(
      [
        await untrustFolder(config, join(cwd, "in")),
        await untrustFolder(config, cwd),
        await isTrusted(config, cwd),
      ],
      [false, true, false],
    );
  });
});

Deno.test("listTrusted() refuses a list that is none, and trusts nothing by it", async () => {
  await inTempHome({}, async ({ cwd, config }) => {
    await mkdir(config, { recursive: true });
    for (const text of ["", "{}", '["/", 1]', "[", '"/"']) {
      await writeFile(join(config, "trusted.json"), text);
      await rejects(isTrusted(config, cwd), { name: "ConfigError", message: /mend or delete it$/ });
    }
  });
});
