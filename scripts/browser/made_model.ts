/** Projects for pages to be looked at: few that are rich, and as many more as are wanted. */
import type { ComposeModel, ComposeService } from "../../shared/compose/model.ts";
import { testModel, testService } from "../../control/testing/models.ts";

const WORDS = ["web", "api", "worker", "db", "cache", "queue", "mail", "search", "edge", "sync"];
/** A node has 253 addresses: the others do without. */
const ADDRESSED = new Set(["web", "api", "db", "cache", "edge"]);
const SERVICES_A_PROJECT = 10;

/** One project with a route, a volume, a network of its own and a job by the clock. */
function shop(): ComposeModel {
  return testModel("shop", {
    web: testService({
      image: "registry.example/shop/web:1.4",
      deploy: { replicas: 2 },
      networks: { default: null, back: null },
      "x-skerry": { routes: [{ host: "shop.example", path: "/", port: 8080, tls: "both" }] },
    }),
    db: testService({
      image: "docker.io/library/postgres:17",
      volumes: [{ type: "volume", source: "data", target: "/var/lib/postgresql/data" }],
      networks: { back: null },
    }),
    backup: testService({
      image: "registry.example/shop/backup:2",
      networks: { back: null },
    }),
  }, {
    networks: {
      default: { name: "shop_default" },
      back: { name: "shop_back", internal: true },
    },
    volumes: { data: { name: "shop_data" } },
  });
}

/** Models with that many services in all; 0: none. */
export function madeModels(services: number): ComposeModel[] {
  if (services === 0) return [];
  const models = [shop()];
  let left = services - 3;
  for (let index = 1; left > 0; index++) {
    const count = Math.min(left, SERVICES_A_PROJECT);
    left -= count;
    const name = `site-${String(index).padStart(2, "0")}`;
    const named: Record<string, ComposeService> = {};
    for (const word of WORDS.slice(0, count)) {
      const image = `registry.example/${name}/${word}:1.${index}`;
      named[word] = ADDRESSED.has(word)
        ? testService({ image })
        : testService({ image, networks: {}, network_mode: "none" });
    }
    models.push(testModel(name, named));
  }
  return models;
}

/** Names of 63 characters, 20 ports, a host name that goes on and on. */
export function longModel(): ComposeModel {
  const name = "plant-room-of-the-northern-pumping-station-behind-the-old-mill1";
  const service = "gateway-between-the-conveyor-controllers-and-the-archive-server";
  const host = "gateway.conveyor-controllers.northern-pumping-station.plants.example";
  return testModel(name, {
    [service]: testService({
      image: `registry.northern-pumping-station.example:5000/${name}/${service}:2026.11.28-rc.14`,
      ports: Array.from({ length: 20 }, (_, nth) => ({
        target: 5_020 + nth,
        published: String(15_020 + nth),
        protocol: "tcp",
        mode: "ingress",
      })),
      "x-skerry": {
        routes: [{ host, path: "/a/path/that/is/long/too", port: 8080, tls: "both" }],
      },
    }),
  });
}
