/** `x-skerry` on a service, with its defaults filled in. */
import { z } from "zod";
import { MissedRun, Overlap } from "../model/schedule.ts";

const duration = z.string();
const port = z.int().min(1).max(65_535);

export const XSkerryRoute = z.strictObject({
  /** Absent: any host. */
  host: z.string().exactOptional(),
  /** A path prefix. */
  path: z.string().startsWith("/"),
  /** Port of the container. */
  port,
  /** `both`: http and https serve; `redirect`: http answers with a redirect; `off`: http only. */
  tls: z.enum(["both", "redirect", "off"]),
});
export type XSkerryRoute = z.infer<typeof XSkerryRoute>;

/** At most one of `http` and `tcp`, each with `port`; `deadline` also beside a compose healthcheck. */
export const XSkerryHealth = z.strictObject({
  /** The path that must answer 2xx or 3xx. */
  http: z.string().startsWith("/").exactOptional(),
  tcp: z.literal(true).exactOptional(),
  port: port.exactOptional(),
  interval: duration.exactOptional(),
  timeout: duration.exactOptional(),
  retries: z.int().positive().exactOptional(),
  start_period: duration.exactOptional(),
  /** A replacement that is not healthy by then is given up. */
  deadline: duration.exactOptional(),
});
export type XSkerryHealth = z.infer<typeof XSkerryHealth>;

/** When a service that is a job runs; what is absent has its default in control/decide/schedule.ts. */
export const XSkerrySchedule = z.strictObject({
  /** See shared/schedule/cron.ts. */
  cron: z.string(),
  /** IANA name; absent: the node's own. */
  zone: z.string().exactOptional(),
  overlap: Overlap.exactOptional(),
  missed: MissedRun.exactOptional(),
  /** How late a missed run is made up for. */
  missed_within: duration.exactOptional(),
  timeout: duration.exactOptional(),
  retries: z.int().nonnegative().exactOptional(),
  history: z.strictObject({
    successful: z.int().nonnegative().exactOptional(),
    failed: z.int().nonnegative().exactOptional(),
  }).exactOptional(),
  suspended: z.boolean().exactOptional(),
});
export type XSkerrySchedule = z.infer<typeof XSkerrySchedule>;

export const XSkerry = z.strictObject({
  routes: z.array(XSkerryRoute).exactOptional(),
  health: XSkerryHealth.exactOptional(),
  /** The longest time that an old container is given to finish its connections. */
  drain: duration.exactOptional(),
  /** CIDRs that may use the routes; absent: everyone. */
  allow: z.array(z.string()).exactOptional(),
  /** The service's secrets are also set as environment variables. */
  env_secrets: z.boolean().exactOptional(),
  /** It is not kept running, but run at these times. */
  schedule: XSkerrySchedule.exactOptional(),
});
export type XSkerry = z.infer<typeof XSkerry>;
