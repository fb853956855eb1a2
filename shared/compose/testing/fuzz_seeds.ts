/** Small compose files for the fuzz: each key stands in one of them at least. */

/** What stands in service `a` beside its image, in the flow style that most changes leave readable. */
const SERVICE: readonly string[] = [
  "command: [a, b], entrypoint: sh -c x, working_dir: /w, hostname: h, user: '1:2'",
  "environment: {A: 1, B: , C: '${X}'}, env_file: [{path: e.env, required: false, format: raw}]",
  "volumes: [{type: bind, source: ./x, target: /y, bind: {create_host_path: true, propagation: rshared}}]",
  "volumes: [{type: volume, source: d, target: /y, volume: {nocopy: true}}, 'd:/e:ro,z'], volumes_from: [b:ro]",
  "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0755}}, /anonymous], tmpfs: ['/t:size=1m,mode=755']",
  "ports: ['8080:80/udp', '127.0.0.1:9000-9002:90-92', {target: 80, published: '3', host_ip: 0.0.0.0, protocol: tcp, mode: host, name: web}]",
  "expose: ['80-82/tcp', 90], links: ['b:c'], extra_hosts: ['h:192.0.2.1']",
  "depends_on: {b: {condition: service_completed_successfully, required: false, restart: true}}",
  "depends_on: [b], profiles: [p], scale: 2, restart: 'on-failure:3', stop_signal: SIGINT, stop_grace_period: 1m30s",
  "post_start: [{command: [a], user: root, privileged: true, working_dir: /w, environment: [A=1]}], pre_stop: [{command: b c}]",
  "healthcheck: {test: curl -f x, interval: 1m30s, timeout: 10s, retries: 3, start_period: 40s, start_interval: 5s}",
  "healthcheck: {disable: true}, init: true, read_only: true, tty: true, stdin_open: true, privileged: true",
  "deploy: {mode: replicated, replicas: 2, restart_policy: {condition: on-failure, max_attempts: 3, delay: 5s}, update_config: {order: stop-first}}",
  "deploy: {resources: {limits: {cpus: '0.5', memory: 64m, pids: 9}, reservations: {memory: 1mb, devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}",
  "deploy: {endpoint_mode: vip, placement: {constraints: [node.role == manager]}}, gpus: all",
  "gpus: [{driver: nvidia, device_ids: ['0'], capabilities: [gpu]}], devices: ['/dev/a:/dev/b:rwm', vendor.com/class=0, {source: /dev/a, target: /dev/b, permissions: r}]",
  "secrets: [s, {source: s, target: t, uid: '1', gid: '2', mode: 0440}], configs: [{source: c, target: /c, mode: 292}]",
  "labels: {a: 1}, annotations: [a=b], label_file: [e.env], logging: {driver: json-file, options: {max-size: 10m, max-file: '3'}}",
  "cap_add: [NET_ADMIN], cap_drop: [ALL], security_opt: ['no-new-privileges:true', 'seccomp:unconfined'], group_add: [1, video]",
  "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 65535}, sysctls: {net.core.somaxconn: 1024}, shm_size: 64m, oom_score_adj: -500",
  "cpus: 1.5, cpu_shares: 512, cpuset: '0-1', mem_limit: 1g, mem_reservation: 500m, memswap_limit: 2g, pids_limit: 100",
  "cpu_quota: 50000, cpu_period: 100000, mac_address: '02:42:ac:11:65:43', platform: linux/amd64, pull_policy: if_not_present",
  "network_mode: host, pid: host, ipc: shareable, uts: host, userns_mode: host, cgroup: host",
  "network_mode: 'service:b', pid: 'service:b', ipc: 'service:b', container_name: n",
  "networks: {n: {aliases: [w, x]}, default: }, dns: [1.1.1.1], dns_search: a.example, dns_opt: ['ndots:1']",
  "device_cgroup_rules: ['c 1:3 mr'], extends: {service: b}",
  "extends: {file: 1.yaml, service: b}, environment: !reset null, command: !override [z]",
  "build: {context: ., dockerfile: D, args: [A=1, B], target: t, no_cache: true, pull: true, labels: {a: b}, tags: ['x:1'], network: host, shm_size: 1m, extra_hosts: [h=1.2.3.4], ulimits: {nofile: 1}}",
  "build: {context: 'https://git.example/a.git#main:sub', dockerfile_inline: \"FROM x\\n\", cache_from: [x]}",
  "build: ., develop: {watch: [{path: ., action: sync, target: /x}]}, attach: false",
  "x-skerry: {routes: [{host: a.example, path: /p, port: 80, tls: redirect}], health: {http: /, port: 80, interval: 1s, deadline: 1m}, drain: 5s, allow: [10.0.0.0/8], env_secrets: true}",
  "x-skerry: {schedule: {cron: '0 3 * * *', zone: Europe/Berlin, overlap: forbid, missed: run_once, missed_within: 1h, timeout: 5m, retries: 2, history: {successful: 3, failed: 1}, suspended: false}}",
  "x-skerry: {schedule: '*/5 * * * *', health: {tcp: true, port: 1, timeout: 1s, retries: 1, start_period: 1s}}",
  "provider: {type: x}, models: [m], blkio_config: {weight: 300}, domainname: d, cgroup_parent: c, storage_opt: {size: 1g}, external_links: [x]",
];

const REST =
  ", b: {image: y}}\nvolumes: {d: {name: x, driver_opts: {type: nfs, o: 'addr=h,ro', device: ':/p'}, labels: {a: b}}}\n" +
  "networks: {n: {internal: true, ipam: {config: [{subnet: 10.0.0.0/24}]}}}\n" +
  "secrets: {s: {environment: A}}\nconfigs: {c: {content: 'x$$y'}}\n";

/** What stands beside services. */
const TOP: readonly string[] = [
  "name: p\nversion: '3.8'\nservices: {a: {image: x}}\nvolumes: {d: {external: true, name: y}, e: }\n",
  "services: {a: {image: x}}\nnetworks: {default: {external: true, name: y}, n: {driver: bridge, labels: [a=b]}}\n",
  "services: {a: {image: x}}\nsecrets: {s: {external: true, name: y}, t: {file: ./t}}\nconfigs: {c: {environment: A}, d: {file: ./d}}\n",
  "include: [{path: [1.yaml], project_directory: ., env_file: e.env}]\nservices: {a: {image: x}}\n",
  "x-a: &a {image: x, labels: &l {a: b}}\nservices: {a: *a, b: {<<: *a, labels: {<<: [*l], c: d}}}\n",
  'services:\n  a:\n    image: "${A:?m}${B-x}${C:+y}"\n    command: >-\n      a\n      b\n    environment:\n      - A=1\n      - B\n',
  "services:\n  a: # c\n    image: 'x'\n    labels: {a: 'it''s'}\n    command: |\n      a\n       b\n    ports:\n    - 80\n    - target: 81\n      published: 8081\n",
];

/** Small ones: what is made of them is read quickly, and often still read. */
export const SMALL_SEEDS: readonly string[] = [
  ...SERVICE.map((keys) => `services: {a: {image: x, ${keys}}${REST}`),
  ...SERVICE.map((keys) => `services: {a: {image: x, ${keys}}, b: {image: y}}\n`),
  ...TOP,
];
