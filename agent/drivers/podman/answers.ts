/** Shapes of Podman's answers: strict on what is used, open to all else. */
import { z } from "zod";

const text = z.string();
const labels = z.record(z.string(), z.string()).nullish().transform((value) => value ?? {});

export const VersionAnswer = z.looseObject({
  Version: text,
  Components: z.array(z.looseObject({
    Details: z.record(z.string(), z.string()).nullish(),
  })).nullish(),
});

export const ListedContainer = z.looseObject({
  Id: text,
  Names: z.array(z.string()).min(1),
  State: text,
  Pid: z.int(),
  ExitCode: z.int(),
  ExitedAt: z.number(),
  StartedAt: z.number(),
  ImageID: text,
  Labels: labels,
});
export type ListedContainer = z.infer<typeof ListedContainer>;
/** Podman says `null` where there is none. */
export const ContainerList = z.array(ListedContainer).nullable().transform((list) => list ?? []);

export const InspectedContainer = z.looseObject({
  Id: text,
  Name: text,
  State: z.looseObject({
    Status: text,
    Pid: z.int(),
    ConmonPid: z.int().optional(),
    ExitCode: z.int(),
    StartedAt: text,
    FinishedAt: text,
    CgroupPath: z.string().optional(),
  }),
  Config: z.looseObject({ Labels: labels }),
  HostConfig: z.looseObject({
    Memory: z.number().nullish(),
    NanoCpus: z.number().nullish(),
    PidsLimit: z.number().nullish(),
    LogConfig: z.looseObject({ Path: z.string().optional() }),
  }),
  NetworkSettings: z.looseObject({
    Networks: z.record(z.string(), z.looseObject({ IPAddress: z.string().optional() })).nullish(),
  }),
});
export type InspectedContainer = z.infer<typeof InspectedContainer>;

export const CreatedContainer = z.looseObject({ Id: text });
export const CreatedExec = z.looseObject({ Id: text });
export const InspectedExec = z.looseObject({
  Running: z.boolean(),
  ExitCode: z.int(),
  Pid: z.int(),
});

export const InspectedNetwork = z.looseObject({
  name: text,
  network_interface: z.string().optional(),
  subnets: z.array(z.looseObject({ subnet: text, gateway: z.string().optional() })).nullish(),
});
/** DELETE answers with 200 and an error for each network that stays. */
export const RemovedNetworks = z.array(
  z.looseObject({ Name: text, Err: z.unknown() }),
);

export const VolumeList = z.array(z.looseObject({ Name: text, Labels: labels }))
  .nullable().transform((list) => list ?? []);

export const InspectedImage = z.looseObject({
  Id: text,
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Size: z.number(),
  /** Of Docker's image format only; times in nanoseconds, 0: the default. */
  Healthcheck: z.looseObject({
    Test: z.array(z.string()).nullish(),
    Interval: z.number().nullish(),
    Timeout: z.number().nullish(),
    StartPeriod: z.number().nullish(),
    Retries: z.number().nullish(),
  }).nullish(),
  Config: z.looseObject({
    ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    Volumes: z.record(z.string(), z.unknown()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
  }).nullish(),
});
export type InspectedImage = z.infer<typeof InspectedImage>;

export const ImageList = z.array(z.looseObject({
  Id: text,
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Size: z.number(),
  /** Seconds since 1970. */
  Created: z.number(),
  Containers: z.number().optional(),
})).nullable().transform((list) => list ?? []);

export const LoadedImages = z.looseObject({ Names: z.array(z.string()).nullish() });

/** A line of a pull or a build. */
export const ProgressLine = z.looseObject({
  stream: z.string().optional(),
  error: z.string().optional(),
  id: z.string().optional(),
});

export const EventLine = z.looseObject({
  Type: z.string().optional(),
  Action: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  Actor: z.looseObject({ ID: z.string().optional() }).optional(),
});
