import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type TempShell, tempShell } from "./_temp_shell.ts";
import { bubblewrapArgv, findSandbox, seatbeltArgv } from "./command_sandbox.ts";

const env = { PATH: process.env.PATH ?? "" };
const works =
  spawnSync("bwrap", ["--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"]).status === 0;

function confined(name: string, check: (space: TempShell) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !works,
    fn: async () => {
      await using space = await tempShell({
        sandbox: async (root) => {
          await mkdir(join(root, ".git/hooks"), { recursive: true });
          await mkdir(join(root, "own"));
          await writeFile(join(root, ".git/config"), "old");
          const sandbox = await findSandbox({
            root,
            protectedPaths: [join(root, "own")],
            platform: "linux",
            env,
          });
          assert.equal(sandbox.kind, "bubblewrap");
          return sandbox;
        },
      });
      await check(space);
    },
  });
}

confined("bubblewrap lets a command write the workspace and temp, and carries state", async (space) => {
  assert.deepEqual(await space.run("mkdir src; cd src; export A=1; echo x > f; echo y > /tmp/y; exit 2"), {
    exitCode: 2,
    output: "",
    timedOut: false,
  });
  assert.deepEqual(
    await space.run("pwd; echo $A; cat f /tmp/y; echo $TMPDIR; git init -q ../new && echo made"),
    {
      exitCode: 0,
      output: `${space.root}/src\n1\nx\ny\n/tmp\nmade\n`,
      timedOut: false,
    },
  );
  await assert.rejects(access("/tmp/y"));
});

confined("bubblewrap refuses every write outside, and to hooks and own files", async (space) => {
  const outside = join(homedir(), `.smallcode-escape-${process.pid}`);
  const ways = [
    `echo x > ${outside}`,
    `cp /bin/true ${outside}`,
    `ln -s ${outside} link; echo x > link`,
    "echo x > /etc/escape",
    "echo x > /var/tmp/escape",
    "echo x > /run/escape/x",
    "echo x > .git/hooks/pre-commit",
    "echo x > .git/config",
    "echo x > own/store.db",
    "rm -r own/.. ; echo x > own/store.db",
    "mount -o remount,rw / && echo x > /etc/escape",
    "mount -t tmpfs none /etc",
    `echo x > /proc/1/root${outside}`,
    `echo x > /proc/${process.pid}/root${outside}`,
    "umount -l own; echo x > own/store.db",
    `kill -9 ${process.pid}`,
  ];
  for (const way of ways) {
    const { exitCode } = await space.run(way);
    assert.notEqual(exitCode, 0, way);
  }
  for (const path of [outside, "/etc/escape", "/var/tmp/escape", join(space.root, "own/store.db")]) {
    await assert.rejects(access(path), path);
  }
  assert.equal(await readFile(join(space.root, ".git/config"), "utf8"), "old");
});

confined("bubblewrap cuts the network off", async (space) => {
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response("reached"));
  const url = `http://127.0.0.1:${server.addr.port}`;
  const probe = `python3 -c "import urllib.request as r; print(r.urlopen('${url}', timeout=5).read())"`;
  const { exitCode, output } = await space.run(probe);
  assert.notEqual(exitCode, 0);
  assert.doesNotMatch(output, /reached/);
});

confined("bubblewrap ends everything with the command", async (space) => {
  const result = await space.run("setsid sleep 61.5 & disown; echo done; exit 0");
  assert.equal(result.output, "done\n");
  assert.deepEqual(await space.run("echo begun; sleep 60", 300), {
    exitCode: null,
    output: "begun\n",
    timedOut: true,
  });
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  assert.doesNotMatch(stdout, /^sleep 61\.5$/m);
});

Deno.test("bubblewrapArgv() opens the network only when allowed", () => {
  const options = { root: "/w", protectedPaths: [], platform: "linux", env } as const;
  const folders = { cwd: "/w", state: "/s", temp: "/t" };
  assert.ok(bubblewrapArgv(options, ["true"], folders).includes("--unshare-net"));
  assert.ok(!bubblewrapArgv({ ...options, network: true }, ["true"], folders).includes("--unshare-net"));
});

Deno.test("seatbeltArgv() denies writes first and protected paths last", () => {
  const options = { root: "/w", protectedPaths: ['/w/.git/hooks"'], platform: "darwin", env } as const;
  assert.deepEqual(seatbeltArgv(options, ["true", "x"], { cwd: "/w", state: "/s", temp: "/t" }), [
    "sandbox-exec",
    "-p",
    [
      "(version 1)",
      "(allow default)",
      "(deny file-write*)",
      '(allow file-write* (subpath "/w") (subpath "/s") (subpath "/t"))',
      '(allow file-write* (literal "/dev/null") (literal "/dev/stdout") (literal "/dev/stderr") (literal "/dev/tty"))',
      '(deny file-write* (subpath "/w/.git/hooks\\""))',
      "(deny network*)",
    ].join("\n"),
    "/usr/bin/env",
    "TMPDIR=/t",
    "true",
    "x",
  ]);
});

Deno.test("findSandbox() says why there is none", async () => {
  const at = { root: Deno.cwd(), protectedPaths: [], env } as const;
  assert.deepEqual(await findSandbox({ ...at, platform: "windows" }), {
    kind: "none",
    reason: "Windows has no sandbox for commands",
  });
  assert.deepEqual(await findSandbox({ ...at, platform: "linux", env: { PATH: "/nowhere" } }), {
    kind: "none",
    reason: "bwrap does not work here: bwrap is not installed",
  });
});
