/**
 * What can go wrong with Podman, told apart from its words. Podman answers most conflicts with
 * status 500, so the text decides; each kind names its way out.
 */
import { SkerryError } from "../../../shared/errors.ts";

/** Codes of the SkerryErrors that the driver throws, besides the PullFailure ones. */
export type PodmanFailure =
  | "podman_unreachable"
  | "podman_answer"
  | "aborted"
  | "name_taken"
  | "image_unknown"
  | "image_in_use"
  | "container_unknown"
  | "network_unknown"
  | "network_differs"
  | "network_in_use"
  | "subnet_taken"
  | "command_not_found"
  | "address_taken"
  | "address_invalid"
  | "volume_in_use"
  | "user_unknown"
  | "mount_source_missing"
  | "device_unknown"
  | "not_running"
  | "exec_lost"
  | "disk_full"
  | "storage_damaged"
  | "build_failed"
  | "invalid"
  | "podman_failed";

const REMEDY: Record<PodmanFailure, string> = {
  podman_unreachable:
    "Look at Podman's log in the home's podman folder; skerry doctor says whether its service runs.",
  podman_answer: "Use a Podman from 4.3 on, and report this answer as a bug.",
  aborted: "Do it again, if it is still wanted.",
  name_taken: "Remove the container or volume of that name, or give the service another name.",
  image_unknown: "Pull or build the image first, and check its name and tag.",
  image_in_use: "Remove the containers of the image first, or let it be.",
  container_unknown: "List the containers again: this one is gone.",
  network_unknown: "Let the agent make its network again (skerry doctor shows what it lacks).",
  network_differs: "Remove the Podman network of that name, or use another home or subnet.",
  network_in_use: "Remove the containers that are on the network first.",
  subnet_taken: "Choose another subnet for the containers with --subnet.",
  command_not_found:
    "Check entrypoint and command against what the image holds (path, spelling, architecture).",
  address_taken: "Remove the container that holds the address.",
  address_invalid: "Give an address inside the node's container subnet.",
  volume_in_use: "Stop and remove the containers that use the volume first.",
  user_unknown: "Name a user or group that is in the image's /etc/passwd, or give a number.",
  mount_source_missing: "Create the file or folder on the host, or correct the mount's source.",
  device_unknown:
    "Install the device's CDI file on the host (for NVIDIA: nvidia-ctk cdi generate " +
    "--output=/etc/cdi/nvidia.yaml), or leave the device out.",
  not_running: "Start the container first.",
  exec_lost: "Run the command again: Podman's service ended meanwhile and its exit code is lost.",
  disk_full: "Free space on the disk that holds the home folder.",
  storage_damaged:
    "The agent makes a damaged container anew, and pulls a damaged image again once no container " +
    "that runs uses it; an image of no registry has to be loaded or built again.",
  build_failed: "Read the lines above and correct the Dockerfile or its context.",
  invalid: "Correct the value that the message names.",
  podman_failed: "Read the message and Podman's log in the home's podman folder.",
};

/** A SkerryError of one of the kinds. `doing` says what was being done, with the values quoted. */
export function podmanError(
  code: PodmanFailure,
  doing: string,
  detail: string,
  cause?: unknown,
): SkerryError {
  const message = detail === "" ? doing : `${doing}: ${detail}`;
  return new SkerryError(code, message, REMEDY[code], cause === undefined ? {} : { cause });
}

/** What Podman's storage says of layers or folders that are not as its own lists have them. */
const DAMAGED = new RegExp(
  [
    "mounting storage for container",
    "getting graph driver info",
    "getting container from store",
    "reading information about layer",
    "layer not known",
    "storage may be corrupted",
    "unable to determine if .* is mounted: lstat",
    "(?:stat|faccessat) \\S*/overlay/[0-9a-f]{64}",
    "you may need to remove the image",
    // What Podman 4.3 makes of an image that it cannot read.
    "invalid memory address or nil pointer dereference",
    // A manifest or a list that is empty or cut off.
    "unexpected end of JSON input",
  ].join("|"),
  "i",
);
/** The disk itself, not what is on it: it may be well again in a moment. */
const DISK = /input\/output error|read-only file system/i;

const TEXTS: readonly (readonly [RegExp, PodmanFailure])[] = [
  [/no space left on device|disk quota exceeded/i, "disk_full"],
  [
    /name .* is (already )?in use|name is already in use|volume already exists|already in use by .* container/i,
    "name_taken",
  ],
  [/network already exists/i, "name_taken"],
  [/network not found|unable to find network/i, "network_unknown"],
  [/network is being used/i, "network_in_use"],
  [/subnet .* is already used/i, "subnet_taken"],
  [/no such image|image not known|unable to find a name and tag match/i, "image_unknown"],
  [/volume is being used|volume .* is being used/i, "volume_in_use"],
  [
    /requested ip address .* (already allocated|not available)|already allocated to container/i,
    "address_taken",
  ],
  [
    /ip address .* not in any subnet|not in subnet|no matching subnet|ip .* is not part of/i,
    "address_invalid",
  ],
  [/requested static ip .* not in any subnet/i, "address_invalid"],
  [/unable to find (user|group)|no matching entries in (passwd|group) file/i, "user_unknown"],
  [
    /attempted to invoke a command that was not found|executable file .* not found|exec: .*no such file or directory|exec format error/i,
    "command_not_found",
  ],
  [/unresolvable CDI devices|CDI device injection failed/i, "device_unknown"],
  [
    /container state improper|is not running|can only create exec sessions on running/i,
    "not_running",
  ],
  [
    /statfs .*no such file or directory|bind source|stat .*: no such file or directory/i,
    "mount_source_missing",
  ],
  [/no such container|no container with name or id/i, "container_unknown"],
  [/no such file or directory/i, "mount_source_missing"],
  [/invalid argument|decode\(\)|parsing|names must match|invalid /i, "invalid"],
];

/** The kind of failure that Podman's error text tells of. Pure. */
export function failureOf(status: number, text: string): PodmanFailure {
  if (DAMAGED.test(text) && !DISK.test(text) && !/no space left/i.test(text)) {
    return "storage_damaged";
  }
  for (const [pattern, kind] of TEXTS) if (pattern.test(text)) return kind;
  if (status === 404) return "container_unknown";
  return status === 400 ? "invalid" : "podman_failed";
}
