/** `skerry boot enable` on a machine that systemd boots: reboots, crashes, a power cut, the end. */
import assert from "node:assert/strict";
import { until } from "../e2e/lab/program.ts";
import { bootMachine, type Machine, writeInto } from "./machine.ts";

const COMPOSE = `name: shop
services:
  web:
    build: .
    x-skerry:
      routes: [{ host: shop.example, port: 8080 }]
  book:
    build: .
    command: ["/bin/busybox", "sh", "/www/book.sh"]
    stop_signal: SIGINT
    volumes: ["pages:/pages"]
volumes:
  pages:
`;
/** Says how it was ended; deaf for what an init system sends to everybody. */
const BOOK = `trap 'echo its own signal >/pages/how; exit 0' INT
trap '' TERM
/bin/busybox rm -f /pages/how
while :; do /bin/busybox sleep 1; done
`;
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
COPY index.html book.sh /www/
CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
`;

Deno.test("skerry starts with the machine", async (t) => {
  const root = variable("MACHINE_ROOT");
  const files = {
    root,
    clone: variable("MACHINE_CLONE"),
    denoDir: variable("MACHINE_DENO_DIR"),
  };
  await Deno.remove(`${root}/var/lib/skerry`, { recursive: true }).catch(() => undefined);
  await writeInto(root, "/srv/shop/compose.yaml", COMPOSE);
  await writeInto(root, "/srv/shop/Dockerfile", DOCKERFILE);
  await writeInto(root, "/srv/shop/book.sh", BOOK);
  await writeInto(root, "/srv/shop/index.html", "open\n");
  await Deno.copyFile(`${root}/bin/busybox`, `${root}/srv/shop/busybox`);
  let machine = await bootMachine(files);
  try {
    const begun = await t.step("set-up, boot enable, apply", async () => {
      await machine.checked(["sh", "/src/scripts/setup/run.sh"], 300_000);
      await machine.checked(["skerry", "boot", "enable"], 120_000);
      await until("the control plane", () => works(machine, ["skerry", "get", "nodes"]), 120_000);
      await machine.checked(
        ["skerry", "apply", "-f", "/srv/shop/compose.yaml", "--wait"],
        300_000,
      );
      await until("the page", () => page(machine), 60_000);
    });
    if (!begun) return;
    await t.step("the machine's own end and a boot bring it back", async () => {
      await machine.powerOff();
      assert.equal(await pageOfBook(root), "its own signal\n");
      machine = await bootMachine(files);
      await until("the page after a boot", () => page(machine), 180_000);
      assert.equal(await status(machine), "enabled active");
    });
    await t.step("a power cut and a boot bring it back", async () => {
      await machine.cut();
      machine = await bootMachine(files);
      await until("the page after a power cut", () => page(machine), 180_000);
    });
    await t.step(
      "SIGKILL of skerry up: started again, the container is the one of before",
      async () => {
        const before = await container(machine);
        const pid = await main(machine);
        await machine.checked(["kill", "-9", pid]);
        await until("another process", async () => {
          const now = await main(machine);
          return now !== pid && now !== "0" && await works(machine, ["skerry", "get", "nodes"]);
        }, 120_000);
        assert.equal(await container(machine), before);
        assert.ok(await page(machine));
      },
    );
    await t.step(
      "disable ends skerry up; containers and ingress go on, the next boot is bare",
      async () => {
        await machine.checked(["skerry", "boot", "disable"], 120_000);
        assert.ok(await page(machine));
        assert.equal(await works(machine, ["skerry", "get", "nodes"]), false);
        await machine.powerOff();
        machine = await bootMachine(files);
        assert.equal(await works(machine, ["test", "-e", "/run/skerry"]), false);
      },
    );
  } finally {
    await machine.powerOff().catch(() => undefined);
  }
});

function variable(name: string): string {
  const text = Deno.env.get(name);
  if (text === undefined) throw new Error(`${name} is not set: sh scripts/machine.sh runs this`);
  return text;
}

/** What the service `book` wrote into its volume when it ended. */
async function pageOfBook(root: string): Promise<string> {
  const volumes = `${root}/var/lib/skerry/podman/storage/volumes`;
  for await (const { name } of Deno.readDir(volumes)) {
    const text = await Deno.readTextFile(`${volumes}/${name}/_data/how`).catch(() => null);
    if (text !== null) return text;
  }
  return "nothing";
}

async function works(machine: Machine, argv: readonly string[]): Promise<boolean> {
  return (await machine.run(argv)).code === 0;
}

async function page(machine: Machine): Promise<boolean> {
  const { stdout } = await machine.run(
    ["curl", "-sS", "--max-time", "5", "-H", "Host: shop.example", "http://127.0.0.1/"],
  );
  return stdout === "open\n";
}

async function status(machine: Machine): Promise<string> {
  const words = await Promise.all(
    ["is-enabled", "is-active"].map((word) => machine.checked(["systemctl", word, "skerry"])),
  );
  return words.map((word) => word.trim()).join(" ");
}

async function main(machine: Machine): Promise<string> {
  const text = await machine.checked(["systemctl", "show", "-P", "MainPID", "skerry"]);
  return text.trim();
}

async function container(machine: Machine): Promise<string> {
  return await machine.checked(["skerry", "get", "containers", "-o", "json"])
    .then((text) => JSON.parse(text).map((row: { id: string }) => row.id).join());
}
