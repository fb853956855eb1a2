/** `/names` and `/firewall` */
import type { NameAnswer } from "../../../shared/api/reach.ts";
import { messageOf } from "../../../shared/errors.ts";
import { FirewallPage } from "../../../ui/pages/firewall.tsx";
import { NamesPage } from "../../../ui/pages/names.tsx";
import type { Page } from "../page.ts";

export const namesPage: Page = {
  path: "/names",
  async show({ api, query }) {
    const asked = { name: (query.get("name") ?? "").trim(), from: query.get("from") ?? "" };
    const [project, service] = asked.from.split("/");
    const asker = project === undefined || project === "" || service === undefined
      ? null
      : { project, service };
    const [list, answer] = await Promise.all([
      api.names(),
      asked.name === "" ? null : api.nameAnswer(asked.name, asker)
        .catch((thrown: unknown): NameAnswer | string => messageOf(thrown)),
    ]);
    return { title: "Names", main: <NamesPage list={list} asked={asked} answer={answer} /> };
  },
};

export const firewallPage: Page = {
  path: "/firewall",
  async show({ api }) {
    return { title: "Firewall", main: <FirewallPage {...await api.firewall()} /> };
  },
};
