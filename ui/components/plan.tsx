/** What a release would change, and why: a diff that people read. */
import type { z } from "zod";
import type { FieldChange, PlanAnswer, ServicePlan, Warning } from "../../shared/api/release.ts";
import type { Child, Markup } from "../markup.ts";
import { countText, instantText } from "../text/format.ts";
import { Notice } from "./card.tsx";
import { Badge } from "./status.tsx";

type Plan = z.infer<typeof PlanAnswer>;
type Change = "created" | "changed" | "unchanged" | "removed" | "kept" | "unused";

const SIGN: Readonly<Record<Change, { readonly mark: string; readonly kind: string }>> = {
  created: { mark: "+", kind: "added" },
  changed: { mark: "~", kind: "altered" },
  removed: { mark: "−", kind: "taken" },
  unchanged: { mark: "=", kind: "same" },
  kept: { mark: "=", kind: "same" },
  unused: { mark: "=", kind: "same" },
};

function Line(
  { change, what, name, aside, children }: {
    change: Change;
    what: string;
    name: string;
    aside?: Child;
    children?: Child;
  },
): Markup {
  const { mark, kind } = SIGN[change];
  return (
    <li class={`plan-line ${kind}`}>
      <p class="plan-head">
        <span class="plan-mark" aria-hidden="true">{mark}</span>
        <span class="plan-name">
          <span class="muted">{what}</span> <strong>{name}</strong>
        </span>
        <Badge tone={change === "removed" ? "bad" : change === "created" ? "good" : "busy"}>
          {change}
        </Badge>
        {aside !== undefined && <span class="muted">{aside}</span>}
      </p>
      {children}
    </li>
  );
}

function Field({ field, old, new: to }: FieldChange): Markup {
  return (
    <div class="plan-field">
      <dt>{field}</dt>
      <dd>
        {old === null ? <span class="muted">nothing</span> : <del>{old}</del>}
        <span class="plan-arrow" aria-label="becomes">→</span>
        {to === null ? <span class="muted">nothing</span> : <ins>{to}</ins>}
      </dd>
    </div>
  );
}

function orderText({ order, orderReason }: ServicePlan): string | null {
  if (order === "beside") {
    return "The new one starts beside the old one, which serves until it is healthy.";
  }
  if (order !== "stop_first") return null;
  return `The old one stops first${orderReason === null ? "" : `: ${orderReason}`}.`;
}

function Service({ plan }: { plan: ServicePlan }): Markup {
  const { old, new: wanted } = plan.slots;
  const order = orderText(plan);
  const times = plan.schedule?.times ?? [];
  return (
    <Line
      change={plan.change}
      what={plan.kind}
      name={plan.service}
      {...(old === wanted ? {} : { aside: `${old} → ${countText(wanted, "container")}` })}
    >
      {plan.image !== null && plan.change === "created" && (
        <p class="plan-why">
          from the image <code>{plan.image.reference}</code>
        </p>
      )}
      {plan.fields.length > 0 && (
        <dl class="plan-fields">{plan.fields.map((field) => <Field {...field} />)}</dl>
      )}
      {plan.schedule !== undefined && (
        <p class="plan-why">
          runs at <code>{plan.schedule.cron}</code> in {plan.schedule.timeZone}
          {times.length === 0
            ? ", suspended"
            : `, next ${times.slice(0, 2).map(instantText).join(", ")}`}
        </p>
      )}
      {order !== null && <p class="plan-why">{order}</p>}
    </Line>
  );
}

/** Warnings, with those first that are about the host. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }): Markup {
  const isHost = ({ code }: Warning) => code === "reaches_host";
  const sorted = [...warnings.filter(isHost), ...warnings.filter((each) => !isHost(each))];
  return (
    <>
      {sorted.map((each) => (
        <Notice tone={isHost(each) ? "bad" : "warn"} title={each.message}>
          {each.remedy}
        </Notice>
      ))}
    </>
  );
}

const STAYS: readonly Change[] = ["unchanged", "kept", "unused"];

/** A plan as a diff; what stays as it is is counted and folded away. */
export function PlanDiff({ plan }: { plan: Plan }): Markup {
  const stays = <Item extends { readonly change: Change }>(item: Item) =>
    STAYS.includes(item.change);
  const changed = <Item extends { readonly change: Change }>(items: readonly Item[]) =>
    items.filter((item) => !stays(item));
  const same = [
    ...plan.services.filter(stays).map(({ kind, service }) => `${kind} ${service}`),
    ...plan.volumes.filter(stays).map(({ name }) => `volume ${name}`),
    ...plan.routes.filter(stays).map(({ route }) => `route ${route}`),
    ...plan.secrets.filter(stays).map(({ name }) => `secret ${name}`),
  ];
  return (
    <div class="stack">
      <Warnings warnings={plan.warnings} />
      {!plan.changes && (
        <Notice tone="good" title={`${plan.project} is so already`}>Nothing changes.</Notice>
      )}
      <ul class="plan">
        {changed(plan.services).map((each) => <Service plan={each} />)}
        {changed(plan.volumes).map(({ name, change }) => (
          <Line change={change} what="volume" name={name} />
        ))}
        {changed(plan.routes).map(({ route, change }) => (
          <Line change={change} what="route" name={route} />
        ))}
        {changed(plan.secrets).map(({ name, change }) => (
          <Line change={change} what="secret" name={name} />
        ))}
      </ul>
      {same.length > 0 && (
        <details>
          <summary>{same.length === 1 ? "1 stays" : `${same.length} stay`} as it is</summary>
          <p class="muted">{same.join(", ")}</p>
        </details>
      )}
    </div>
  );
}
