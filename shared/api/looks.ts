/** What `get` and `describe` ask for: lists and descriptions, all of which can be watched. */
import { z } from "zod";
import { DeploymentId, ReleaseId } from "../model/ids.ts";
import { ProjectName, ServiceName } from "../model/service_spec.ts";
import {
  ContainerDescription,
  JobDescription,
  NetworkDescription,
  NodeDescription,
  ProjectDescription,
  RouteDescription,
  ServiceDescription,
  VolumeDescription,
} from "./descriptions.ts";
import { endpoint, type ObjectKind } from "./endpoint.ts";
import { ImageList } from "./images.ts";
import { paging } from "./page.ts";
import { ReleaseView } from "./release.ts";
import {
  ContainerList,
  JobList,
  NetworkList,
  NodeList,
  ProjectList,
  ReleaseList,
  RouteList,
  SecretList,
  ServiceList,
  VolumeList,
} from "./views.ts";

const none = z.object({});
const ofProject = z.object({ name: ProjectName });
const ofService = z.object({ name: ProjectName, service: ServiceName });
const ofVolume = z.object({ name: ProjectName, volume: z.string().min(1).max(255) });
const byProject = z.object({ project: ProjectName.exactOptional() });

/** Of operations that can be watched. */
const watching = { wait: z.string().regex(/^\d{1,3}$/).exactOptional() };

function listing<Answer extends z.ZodType>(path: string, summary: string, json: Answer) {
  return endpoint({
    method: "GET",
    path: `/api/v1/${path}`,
    scope: "read",
    object: "filtered",
    summary,
    params: none,
    query: byProject.extend({ ...paging, ...watching }),
    body: null,
    answer: { status: 200, json },
    watch: true,
  });
}

function describing<Params extends z.ZodObject, Answer extends z.ZodType>(
  object: ObjectKind,
  path: string,
  summary: string,
  params: Params,
  json: Answer,
) {
  return endpoint({
    method: "GET",
    path: `/api/v1/${path}`,
    scope: "read",
    object,
    summary,
    params,
    query: z.object(watching),
    body: null,
    answer: { status: 200, json },
    watch: true,
  });
}

/** A part of the one table. */
export const LOOKS = {
  release: describing(
    "release",
    "releases/{id}",
    "How far a release is",
    z.object({ id: ReleaseId }),
    ReleaseView,
  ),
  projects: listing("projects", "Projects", ProjectList),
  services: listing("services", "Services with their worst stage", ServiceList),
  containers: listing(
    "containers",
    "Deployments and the containers that they run as",
    ContainerList,
  ),
  nodes: listing("nodes", "Nodes and what they reported", NodeList),
  volumes: listing("volumes", "Volumes and who holds them", VolumeList),
  routes: listing("routes", "Routes and whether they are live", RouteList),
  networks: listing("networks", "Networks and who is on them", NetworkList),
  releases: listing("releases", "Releases of projects, the newest first", ReleaseList),
  jobs: listing("jobs", "Jobs: when they run next and how they ran last", JobList),
  describeService: describing(
    "project",
    "projects/{name}/services/{service}",
    "Everything about one service, with why it is not as wished",
    ofService,
    ServiceDescription,
  ),
  describeJob: describing(
    "project",
    "projects/{name}/jobs/{service}",
    "Everything about one job, with its runs",
    ofService,
    JobDescription,
  ),
  describeContainer: describing(
    "deployment",
    "containers/{deployment}",
    "Everything about one deployment and its container",
    z.object({ deployment: DeploymentId }),
    ContainerDescription,
  ),
  describeNode: describing(
    "node",
    "nodes/{node}",
    "Everything about one node, by its name",
    z.object({ node: z.string().min(1).max(255) }),
    NodeDescription,
  ),
  describeVolume: describing(
    "project",
    "projects/{name}/volumes/{volume}",
    "Everything about one volume",
    ofVolume,
    VolumeDescription,
  ),
  describeRoute: describing(
    "project",
    "projects/{name}/routes/{route}",
    "Everything about one route, by its id (`service/0`)",
    z.object({ name: ProjectName, route: z.string().min(1).max(255) }),
    RouteDescription,
  ),
  describeNetwork: describing(
    "network",
    "networks/{network}",
    "Everything about one network, by its key",
    z.object({ network: z.string().min(1).max(255) }),
    NetworkDescription,
  ),
  describeProject: describing(
    "project",
    "projects/{name}",
    "Everything about one project",
    ofProject,
    ProjectDescription,
  ),
  images: listing("images", "Images on the node and who needs them", ImageList),
  secrets: listing("secrets", "Names of secrets, never their values", SecretList),
} as const;
