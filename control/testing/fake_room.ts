/** A disk of a control plane without a disk. */
import type { Space } from "../../shared/model/disk.ts";
import { createRoom, type Room } from "../room.ts";

export interface FakeRoom extends Room {
  /** Null: it cannot be looked at, and nothing is refused. */
  space: Space | null;
  /** How often space can be given back. */
  slices: number;
}

/** With all the space there is. */
export function createFakeRoom(): FakeRoom {
  const fake: FakeRoom = {
    space: null,
    slices: 0,
    ...createRoom({
      home: "/home",
      readSpace: () => fake.space,
      ballast: { release: () => fake.slices > 0 && (fake.slices -= 1, true) },
    }),
  };
  return fake;
}
