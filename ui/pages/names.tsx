/** What DNS answers to whom. */
import type { NameAnswer, NameList } from "../../shared/api/reach.ts";
import { Card, Empty, Notice, PageHeader } from "../components/card.tsx";
import { Button, SelectField, TextField } from "../components/form.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import type { Markup } from "../markup.ts";
import { ServiceLink } from "../parts/network_table.tsx";
import { serviceHref } from "../text/hrefs.ts";

export interface NamesProps {
  readonly list: NameList;
  /** What was looked up. */
  readonly asked: { readonly name: string; readonly from: string };
  /** Null: nothing was. A text: it could not be. */
  readonly answer: NameAnswer | string | null;
}

function Answer({ answer }: { answer: NameAnswer | string }): Markup {
  if (typeof answer === "string") return <Notice tone="bad" title={answer} />;
  switch (answer.state) {
    case "found":
      return (
        <Notice tone="good" title={<code>{answer.name}</code>}>
          <ul class="list">
            {answer.addresses.map((each) => (
              <li>
                <code>{each.address}</code> <ServiceLink name={`${each.project}/${each.service}`} />
              </li>
            ))}
          </ul>
        </Notice>
      );
    case "empty":
      return (
        <Notice
          tone="warn"
          title={
            <>
              <code>{answer.name}</code> exists and has no address
            </>
          }
        >
          <p>
            Nothing that is healthy stands behind it, or several projects have a service of that
            name: then ask by the name with the project in it.
          </p>
        </Notice>
      );
    case "absent":
      return (
        <Notice
          tone="bad"
          title={
            <>
              There is no <code>{answer.name}</code> for who asks
            </>
          }
        >
          <p>A service finds only those that share a network with it.</p>
        </Notice>
      );
    case "forwarded":
      return (
        <Notice
          tone="busy"
          title={
            <>
              <code>{answer.name}</code> is not one of ours
            </>
          }
        >
          <p>The question goes on to the servers that the node itself asks.</p>
        </Notice>
      );
  }
}

/** The page `/names`. */
export function NamesPage({ list, asked, answer }: NamesProps): Markup {
  return (
    <>
      <PageHeader
        title="Names"
        lead={
          <>
            What the DNS server answers. Every service is <code>SERVICE.PROJECT.{list.zone}</code>
            {" "}
            to those that share a network with it.
          </>
        }
      />
      <Card id="look-up" title="Look a name up" flush>
        <form class="inline-form" method="get" action="/names" role="search" aria-label="Look up">
          <TextField name="name" label="Name" value={asked.name} required />
          <SelectField
            name="from"
            label="Asked by"
            value={asked.from}
            options={[
              { value: "", text: "the node and its LAN" },
              ...list.items.map((each) => {
                const value = `${each.project}/${each.service}`;
                return { value, text: value };
              }),
            ]}
          />
          <Button kind="primary">Look up</Button>
        </form>
        {answer !== null && (
          <div class="card-answer">
            <Answer answer={answer} />
          </div>
        )}
      </Card>
      <Card id="names" title="Names" count={list.items.length} flush>
        <Table
          caption="Names and where they lead"
          rows={list.items}
          empty={
            <Empty title="No service has a name yet">
              <p>A service that is on a network has one as soon as its project is applied.</p>
            </Empty>
          }
          columns={[
            {
              label: "Name",
              heads: true,
              cell: (each) => (
                <a class="mono small" href={serviceHref(each.project, each.service)}>{each.name}</a>
              ),
            },
            {
              label: "Leads to",
              cell: (each) => (
                <ul class="list small">
                  {each.addresses.map(({ address, serving }) => (
                    <li>
                      <Status tone={serving ? "good" : "idle"}>
                        <span class="mono">{address}</span>
                        {!serving && " not now"}
                      </Status>
                    </li>
                  ))}
                </ul>
              ),
            },
            {
              label: "On networks, also as",
              wide: true,
              cell: (each) => (
                <ul class="list small">
                  {each.networks.map(({ network, aliases }) => (
                    <li>
                      {network}
                      {aliases.length > 0 && <span class="muted">: {aliases.join(", ")}</span>}
                    </li>
                  ))}
                </ul>
              ),
            },
            {
              label: "Named ports",
              cell: (each) =>
                each.ports.length > 0 &&
                each.ports.map(({ name, port, protocol }) => `${name} ${port}/${protocol}`)
                  .join(", "),
            },
          ]}
        />
      </Card>
    </>
  );
}
