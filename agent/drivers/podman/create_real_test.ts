import assert from "node:assert/strict";
import { createFor } from "./contract_specs.ts";
import type { ContainerCreate, ExecRequest } from "./driver.ts";
import { busyboxContext, startRealPodman, streamOf } from "./real_fixture.ts";

Deno.test("what a spec says holds in the real container", async (t) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const output = async (id: string, request: Partial<ExecRequest>): Promise<string> => {
    const session = await podman.exec(id, { tty: false, stdin: false, command: [], ...request });
    let text = "";
    for await (const { data } of session.output) text += new TextDecoder().decode(data);
    return text;
  };
  const withCreate = async (
    create: ContainerCreate,
    work: (id: string) => Promise<void>,
  ): Promise<void> => {
    const id = await podman.createContainer(create);
    try {
      await work(id);
    } finally {
      await podman.removeContainer(id);
    }
  };
  const fails = (create: ContainerCreate, code: string): Promise<void> =>
    assert.rejects(async () => {
      const id = await podman.createContainer(create);
      try {
        await podman.startContainer(id);
      } finally {
        await podman.removeContainer(id);
      }
    }, { code });

  try {
    await t.step(
      "the domain of old programs, and a control group of the host above its own",
      async () => {
        const base = createFor(setup, "below", 29);
        const access = { cgroupParent: `/${setup.namePrefix}-group/below` };
        const spec = {
          ...base.spec,
          hostname: "h",
          domainname: "plant.example",
          access,
          resources: { pids: 77 },
        };
        await withCreate({ ...base, spec }, async (id) => {
          await podman.startContainer(id);
          const command = ["cat", "/proc/sys/kernel/domainname"];
          assert.equal((await output(id, { command })).trim(), "plant.example");
          const [seen] = (await podman.listContainers()).filter((each) => each.id === id);
          const groups = await Deno.readTextFile(`/proc/${seen?.pid}/cgroup`);
          assert.match(groups, new RegExp(`:${access.cgroupParent}/`));
          // What it is held to is found there too.
          assert.equal((await podman.appliedLimits(id)).pids, 77);
        });
      },
    );

    await t.step("names, mounts, limits, user, environment and read-only root", async () => {
      const base = createFor(setup, "full", 30);
      const bind = await Deno.makeTempDir({ prefix: "skerry-bind-" });
      await Deno.writeTextFile(`${bind}/file`, "from the host\n");
      await podman.createVolume(`${setup.namePrefix}-vol`, { labels: {} });
      const create: ContainerCreate = {
        ...base,
        mounts: [
          { kind: "bind", source: bind, target: "/mnt", readOnly: true },
          { kind: "tmpfs", source: "", target: "/scratch", readOnly: false, sizeBytes: 1_048_576 },
          {
            kind: "volume",
            source: `${setup.namePrefix}-vol`,
            target: "/vol",
            readOnly: false,
          },
        ],
        spec: {
          ...base.spec,
          hostname: "full-host",
          macAddress: "02:42:ac:11:00:02",
          workingDir: "/scratch",
          readOnly: true,
          stopSignal: "SIGUSR1",
          capDrop: ["ALL"],
          capAdd: ["NET_RAW"],
          ulimits: [{ name: "nofile", soft: 100, hard: 200 }],
          extraHosts: [{ name: "gate", address: "host-gateway" }, {
            name: "peer",
            address: "10.210.0.9",
          }],
        },
      };
      await withCreate(create, async (id) => {
        await podman.startContainer(id);
        const sh = (line: string) => output(id, { command: ["sh", "-c", line] });
        const hosts = await sh("cat /etc/hosts");
        assert.match(hosts, new RegExp(`${setup.network.gateway.replaceAll(".", "\\.")}\\s+gate`));
        assert.match(hosts, /10\.210\.0\.9\s+peer/);
        const resolv = await sh("cat /etc/resolv.conf");
        assert.deepEqual(resolv.trim().split("\n").sort(), [
          `nameserver ${setup.network.gateway}`,
          "options ndots:1 timeout:1 attempts:5",
          "search test.internal",
        ]);
        assert.equal(await sh("cat /mnt/file"), "from the host\n");
        assert.match(await sh("echo x > /mnt/file 2>&1 || echo refused"), /refused/);
        assert.match(await sh("echo x > /root 2>&1 || echo refused"), /refused/);
        assert.equal(await sh("echo x > /scratch/f && echo x > /vol/f && echo fine"), "fine\n");
        assert.equal(
          await sh("cat /proc/sys/kernel/hostname; echo $A; echo $PWD"),
          "full-host\n1\n/scratch\n",
        );
        assert.equal(await sh("cat /sys/class/net/eth0/address"), "02:42:ac:11:00:02\n");
        assert.match(await sh("cat /proc/1/limits"), /Max open files +100 +200/);
        assert.match(await sh("cat /proc/1/status"), /CapEff:\s+0000000000002000/);
      });
      await Deno.remove(bind, { recursive: true });
      await podman.removeVolume(`${setup.namePrefix}-vol`);
    });

    await t.step("rights, devices, groups, kernel settings, terminal and resolver", async () => {
      const base = createFor(setup, "access", 31);
      const create: ContainerCreate = {
        ...base,
        network: base.network === null ? null : {
          ...base.network,
          dnsSearch: ["test.internal", "example.com"],
        },
        mounts: [{
          kind: "tmpfs",
          source: "",
          target: "/run",
          readOnly: false,
          options: ["noexec"],
        }],
        spec: {
          ...base.spec,
          resources: {
            memoryBytes: 64 << 20,
            memorySwapBytes: 96 << 20,
            cpuShares: 512,
            cpuset: "0",
            shmBytes: 8 << 20,
            oomScoreAdj: 300,
          },
          access: {
            ipc: "shareable",
            uts: "host",
            security: ["no-new-privileges:true", "seccomp=unconfined"],
            devices: [{ source: "/dev/null", target: "/dev/modem", permissions: "rw" }],
            deviceRules: ["c 10:200 rwm"],
            groups: ["4711"],
            sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" },
          },
          annotations: { "example.com/kept": "yes" },
          terminal: { tty: true, stdin: true },
          resolver: { search: ["example.com"], options: ["use-vc"] },
        },
      };
      await withCreate(create, async (id) => {
        await podman.startContainer(id);
        const sh = (line: string) => output(id, { command: ["sh", "-c", line] });
        const status = await sh("cat /proc/1/status");
        assert.match(status, /Groups:.*\b4711\b/);
        assert.match(status, /NoNewPrivs:\s+1/);
        assert.match(status, /Seccomp:\s+0/);
        assert.match(status, /Cpus_allowed_list:\s+0\n/);
        assert.equal(await sh("cat /proc/1/oom_score_adj"), "300\n");
        assert.equal(await sh("cat /proc/sys/net/ipv4/ip_unprivileged_port_start"), "80\n");
        assert.equal(await sh("cat /proc/sys/kernel/hostname"), `${Deno.hostname()}\n`);
        assert.equal(await sh("[ -c /dev/modem ] && echo x > /dev/modem && echo fine"), "fine\n");
        const mounts = await sh("cat /proc/mounts");
        assert.match(mounts, /\/dev\/shm tmpfs \S*size=8192k/);
        assert.match(mounts, /tmpfs \/run tmpfs \S*noexec/);
        assert.match(await sh("cat /etc/resolv.conf"), /search test.internal example.com/);
        assert.match(await sh("cat /etc/resolv.conf"), /options .*use-vc/);
        assert.match(await sh("[ -t 0 ] < /proc/1/fd/0 && echo terminal"), /terminal/);
        assert.equal((await podman.appliedLimits(id)).memoryBytes, 64 << 20);
      });
      const privileged: ContainerCreate = {
        ...createFor(setup, "privileged", 32),
        spec: {
          ...base.spec,
          access: { privileged: true, pid: "host", ipc: "host", cgroup: "host" },
        },
      };
      await withCreate(privileged, async (id) => {
        await podman.startContainer(id);
        const sh = (line: string) => output(id, { command: ["sh", "-c", line] });
        // As much as there is on this machine.
        const effective = (text: string) => /^CapEff:.*$/m.exec(text)?.[0];
        const own = effective(await Deno.readTextFile("/proc/self/status"));
        assert.equal(effective(await sh("cat /proc/self/status")), own);
        assert.equal(await sh(`[ -d /proc/${Deno.pid} ] && echo seen`), "seen\n");
      });
    });

    await t.step(
      "a build's names, labels, hosts, network and shared memory are taken",
      async () => {
        const run =
          'RUN ["/bin/sh", "-c", "cat /etc/hosts /proc/net/dev /proc/self/limits > /seen; ' +
          "while read -r line; do case $line in *' /dev/shm '*) echo $line >> /seen;; esac; " +
          'done < /proc/mounts"]\n';
        const files = await busyboxContext(`FROM scratch\nCOPY bin /bin\nCOPY etc /etc\n${run}`);
        const seenBy = async (network: "host" | "none") => {
          const image = await podman.buildImage({
            context: streamOf(files),
            dockerfile: "Dockerfile",
            tag: "localhost/skerry-settings:1",
            args: {},
            noCache: true,
            pull: false,
            labels: { "example.org/team": "plant" },
            tags: ["example.org/app:2", "example.org/app"],
            network,
            extraHosts: ["peer.example:198.51.100.7"],
            shmBytes: 8 << 20,
            ulimits: ["nofile=100:200", "nproc=5000:5000"],
          }, () => {});
          for (const name of ["example.org/app:2", "example.org/app:latest"]) {
            assert.equal((await podman.inspectImage(name))?.id, image.id);
          }
          let seen = "";
          await withCreate({ ...createFor(setup, "built", 37), imageId: image.id }, async (id) => {
            await podman.startContainer(id);
            seen = await output(id, { command: ["cat", "/seen"] });
          });
          assert.match(seen, /\/dev\/shm tmpfs \S*size=8192k/);
          assert.match(seen, /Max open files +100 +200/);
          assert.match(seen, /Max processes +5000 +5000/);
          return seen;
        };
        assert.match(await seenBy("host"), /198\.51\.100\.7\s+peer\.example/);
        const alone = (await seenBy("none")).match(/^ *\w+:/gm)?.map((each) => each.trim());
        assert.deepEqual(alone, ["lo:"]);
      },
    );

    await t.step(
      "a command has the user, variables, folder and rights that it asks for",
      async () => {
        await withCreate(createFor(setup, "hooked", 39), async (id) => {
          await podman.startContainer(id);
          const sh = (request: Partial<ExecRequest>) =>
            output(id, {
              command: ["sh", "-c", "id -u; pwd; echo $A; cat /proc/self/status"],
              ...request,
            });
          const plain = await sh({ user: "1000", workingDir: "/etc", env: ["A=2"] });
          assert.match(plain, /^1000\n\/etc\n2\n/);
          const rights = (text: string) => BigInt(`0x${/CapEff:\s+(\w+)/.exec(text)?.[1] ?? "0"}`);
          const SYS_ADMIN = 1n << 21n;
          assert.equal(rights(await sh({})) & SYS_ADMIN, 0n);
          assert.equal(rights(await sh({ privileged: true })) & SYS_ADMIN, SYS_ADMIN);
        });
      },
    );

    await t.step("devices by a vendor's naming; one that nobody knows is told", async () => {
      const kind = `example.com/skerry-test-${Deno.pid}`;
      const file = `/etc/cdi/skerry-test-${Deno.pid}.json`;
      await Deno.mkdir("/etc/cdi", { recursive: true });
      const node = { path: "/dev/gauge", hostPath: "/dev/null" };
      await Deno.writeTextFile(
        file,
        JSON.stringify({
          // `hostPath` came with 0.5.0; newer engines take no less.
          cdiVersion: "0.5.0",
          kind,
          devices: [{ name: "one", containerEdits: { deviceNodes: [node], env: ["GAUGE=one"] } }],
        }),
      );
      const withDevice = (name: string): ContainerCreate => {
        const base = createFor(setup, "cdi", 40);
        const device = { source: name, target: name, permissions: "rwm" };
        return { ...base, spec: { ...base.spec, access: { devices: [device] } } };
      };
      try {
        await withCreate(withDevice(`${kind}=one`), async (id) => {
          await podman.startContainer(id);
          const line = "[ -c /dev/gauge ] && echo x > /dev/gauge && cat /proc/1/environ";
          assert.match(await output(id, { command: ["sh", "-c", line] }), /GAUGE=one/);
        });
        await fails(withDevice("nvidia.com/gpu=99"), "device_unknown");
      } finally {
        await Deno.remove(file);
        // Only where nothing else is in it.
        await Deno.remove("/etc/cdi").catch(() => undefined);
      }
    });

    await t.step("what the host mounts below a bind appears inside where it is to", async () => {
      const bind = await Deno.makeTempDir({ prefix: "skerry-bind-" });
      const mount = (...args: string[]) => new Deno.Command("mount", { args }).output();
      await mount("--bind", bind, bind);
      await mount("--make-rshared", bind);
      await Deno.mkdir(`${bind}/later`);
      try {
        for (const propagation of ["rslave", "rprivate"]) {
          const create: ContainerCreate = {
            ...createFor(setup, "crossing", 38),
            mounts: [{ kind: "bind", source: bind, target: "/mnt", readOnly: false, propagation }],
          };
          await withCreate(create, async (id) => {
            await podman.startContainer(id);
            await mount("-t", "tmpfs", "tmpfs", `${bind}/later`);
            await Deno.writeTextFile(`${bind}/later/file`, "later");
            const inside = await output(id, { command: ["ls", "/mnt/later"] });
            assert.equal(inside, propagation === "rslave" ? "file\n" : "");
            await new Deno.Command("umount", { args: [`${bind}/later`] }).output();
          });
        }
      } finally {
        await new Deno.Command("umount", { args: ["-R", bind] }).output();
        await Deno.remove(bind, { recursive: true });
      }
    });

    await t.step(
      "an image's own volumes and check are told; nocopy leaves a new volume empty",
      async () => {
        const dockerfile = "FROM scratch\nCOPY bin /bin\nCOPY etc /keep\nVOLUME /keep /more\n" +
          'HEALTHCHECK --interval=7s --timeout=3s --retries=4 CMD ["/bin/true"]\n';
        const image = await podman.buildImage({
          context: streamOf(await busyboxContext(dockerfile)),
          dockerfile: "Dockerfile",
          tag: "localhost/skerry-volumes:1",
          args: {},
          noCache: false,
          pull: false,
          labels: {},
        }, () => {});
        assert.deepEqual(image.volumes, ["/keep", "/more"]);
        assert.deepEqual(image.healthcheck, {
          kind: "exec",
          command: ["/bin/true"],
          intervalMs: 7000,
          timeoutMs: 3000,
          retries: 4,
          startPeriodMs: 0,
          startIntervalMs: 1000,
        });
        for (const noCopy of [false, true]) {
          const volume = `${setup.namePrefix}-copy-${noCopy}`;
          await podman.createVolume(volume, { labels: {} });
          const create: ContainerCreate = {
            ...createFor(setup, "copy", 36),
            imageId: image.id,
            mounts: [{ kind: "volume", source: volume, target: "/keep", readOnly: false, noCopy }],
          };
          await withCreate(create, async (id) => {
            await podman.startContainer(id);
            const listed = await output(id, { command: ["ls", "/keep"] });
            assert.equal(listed, noCopy ? "" : "passwd\n");
          });
          await podman.removeVolume(volume);
        }
      },
    );

    await t.step(
      "what is mounted in a volume's place is there for all its containers, and goes with the last",
      async () => {
        const volume = `${setup.namePrefix}-scratch`;
        const options = { type: "tmpfs", device: "tmpfs", o: "size=2m,uid=1000,mode=0750,noexec" };
        await podman.createVolume(volume, { labels: {}, options });
        const mounting = (name: string, n: number, readOnly: boolean): ContainerCreate => ({
          ...createFor(setup, name, n),
          mounts: [{ kind: "volume", source: volume, target: "/scratch", readOnly, noExec: true }],
        });
        const sh = (id: string, line: string) => output(id, { command: ["sh", "-c", line] });
        await withCreate(mounting("one", 38, false), async (one) => {
          await podman.startContainer(one);
          const mounts = await sh(one, "cat /proc/mounts");
          assert.match(mounts, /tmpfs \/scratch tmpfs \S*noexec\S*size=2048k\S*mode=750,uid=1000/);
          await sh(one, "echo hello > /scratch/file");
          await withCreate(mounting("two", 39, true), async (two) => {
            await podman.startContainer(two);
            assert.equal(await sh(two, "cat /scratch/file"), "hello\n");
            assert.match(await sh(two, "echo x > /scratch/file 2>&1"), /Read-only file system/);
          });
          assert.equal(await sh(one, "cat /scratch/file"), "hello\n");
        });
        await withCreate(mounting("three", 40, false), async (three) => {
          await podman.startContainer(three);
          assert.equal(await sh(three, "ls /scratch"), "");
        });
        await podman.removeVolume(volume);
      },
    );

    await t.step("a volume that cannot be mounted says what mount said", async () => {
      const volume = `${setup.namePrefix}-disk`;
      const options = { type: "ext4", device: "/dev/skerry-is-not-there", o: "ro" };
      await podman.createVolume(volume, { labels: {}, options });
      const create: ContainerCreate = {
        ...createFor(setup, "disk", 41),
        mounts: [{ kind: "volume", source: volume, target: "/disk", readOnly: false }],
      };
      await withCreate(create, async (id) => {
        await assert.rejects(podman.startContainer(id), /skerry-is-not-there/);
      });
      await podman.removeVolume(volume);
    });

    await t.step(
      "nobody forges a neighbour's packets without asking for it",
      async () => {
        await withCreate(createFor(setup, "plain", 33), async (id) => {
          await podman.startContainer(id);
          const sh = (line: string) => output(id, { command: ["sh", "-c", line] });
          const bounding = /CapBnd:\s+([0-9a-f]+)/.exec(await sh("cat /proc/1/status"))?.[1] ?? "";
          const NET_RAW = 1n << 13n;
          assert.equal(BigInt(`0x${bounding}`) & NET_RAW, 0n);
          assert.equal(await sh("cat /proc/sys/net/ipv4/ping_group_range"), "0\t2147483647\n");
        });
      },
    );

    await t.step("no network, init and a number as user", async () => {
      const base = createFor(setup, "plain", 31);
      const create = {
        ...base,
        network: null,
        spec: { ...base.spec, init: true, user: "1000:1000" },
      };
      await withCreate(create, async (id) => {
        await podman.startContainer(id);
        assert.match(await output(id, { command: ["id"] }), /uid=1000\S* gid=1000/);
        const devices = await output(id, { command: ["cat", "/proc/net/dev"] });
        assert.doesNotMatch(devices, /eth0/);
        assert.match(await output(id, { command: ["cat", "/proc/1/cmdline"] }), /catatonit|init/);
        assert.equal((await podman.listContainers()).find((c) => c.id === id)?.address, null);
      });
    });

    await t.step("an empty entrypoint and an empty command clear the image's own", async () => {
      const base = createFor(setup, "cleared", 32);
      const { command: _, ...noCommand } = base.spec;
      const spec = { ...noCommand, entrypoint: [], command: ["/bin/echo", "cleared"] };
      await withCreate({ ...base, spec }, async (id) => await podman.startContainer(id));
    });

    await t.step("what cannot work is told apart", async () => {
      const base = createFor(setup, "bad", 33);
      const bad = (spec: Partial<ContainerCreate["spec"]>) => ({
        ...base,
        spec: { ...base.spec, ...spec },
      });
      await fails(bad({ command: ["/no/such/program"] }), "command_not_found");
      await fails(bad({ command: ["nosuchprogram"] }), "command_not_found");
      await fails(bad({ user: "nobody-here" }), "user_unknown");
      await fails(bad({ stopSignal: "SIGNOPE" }), "invalid");
      await fails({ ...base, name: "bad name!" }, "invalid");
      const missing = {
        kind: "bind" as const,
        source: "/no/such/folder",
        target: "/x",
        readOnly: true,
      };
      await fails({ ...base, mounts: [missing] }, "mount_source_missing");
      const outside = { ...base.network!, address: "10.211.0.5" };
      await fails({ ...base, network: outside }, "address_invalid");
    });

    await t.step("a terminal has its size from the start and is resized", async () => {
      await withCreate(createFor(setup, "tty", 34), async (id) => {
        await podman.startContainer(id);
        const size = await output(id, {
          tty: true,
          command: ["stty", "size"],
          size: { rows: 33, columns: 99 },
        });
        assert.equal(size, "33 99\r\n");
        const session = await podman.exec(id, { tty: true, stdin: true, command: ["sh"] });
        await session.resize(20, 70);
        await session.write(new TextEncoder().encode("stty size\nexit 3\n"));
        let text = "";
        for await (const { stream, data } of session.output) {
          assert.equal(stream, "stdout");
          text += new TextDecoder().decode(data);
        }
        assert.match(text, /20 70/);
        assert.equal(await session.exitCode(), 3);
      });
    });

    await t.step("an abandoned command ends with its signal; streams stay apart", async () => {
      await withCreate(createFor(setup, "abandon", 35), async (id) => {
        await podman.startContainer(id);
        const stop = new AbortController();
        const request = { tty: false, stdin: false };
        const session = await podman.exec(
          id,
          { ...request, command: ["sh", "-c", "echo out; echo err >&2; exec sleep 1000"] },
          stop.signal,
        );
        const texts = { stdout: "", stderr: "" };
        for await (const { stream, data } of session.output) {
          texts[stream] += new TextDecoder().decode(data);
          if (texts.stdout !== "" && texts.stderr !== "") stop.abort();
        }
        assert.deepEqual(texts, { stdout: "out\n", stderr: "err\n" });
        assert.equal(await session.exitCode(), 137);
        const many = await podman.exec(id, {
          ...request,
          command: ["sh", "-c", "yes | head -c 20000000"],
        });
        let bytes = 0;
        for await (const { data } of many.output) bytes += data.length;
        assert.equal(bytes, 20_000_000);
        assert.equal(await many.exitCode(), 0);
      });
    });
  } finally {
    await setup.close();
  }
});
