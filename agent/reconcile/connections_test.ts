import assert from "node:assert/strict";
import { countInbound } from "./connections.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid";

Deno.test("only established connections to ports that are listened on count", () => {
  const tcp = [
    HEAD,
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
    "   1: 0107C80A:1F90 0207C80A:C350 01 00000000:00000000 00:00000000 00000000     0",
    "   2: 0107C80A:C351 0307C80A:1538 01 00000000:00000000 00:00000000 00000000     0",
    "   3: 0107C80A:1F90 0207C80A:C352 06 00000000:00000000 00:00000000 00000000     0",
  ].join("\n");
  assert.equal(countInbound([tcp, ""]), 1, "not the outgoing one, not the one in TIME_WAIT");
  assert.equal(countInbound([]), 0);
});
