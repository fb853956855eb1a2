import assert from "node:assert/strict";
import { imageRemedy } from "./image_remedy.ts";

const digest = `sha256:${"d".repeat(64)}`;

Deno.test("each image that is not as pinned has a way out, by command", () => {
  const absent = { state: "absent", sharedBy: [] } as const;
  const remedy = (reference: string, pinned: string | null) =>
    imageRemedy({ reference, digest: pinned }, absent, []);
  assert.equal(remedy("r.lan:5000/app:1", null), "skerry image pull r.lan:5000/app:1");
  assert.equal(remedy("r.lan:5000/app:1", digest), `skerry image pull r.lan:5000/app@${digest}`);
  assert.equal(remedy("r.lan:5000/app", digest), `skerry image pull r.lan:5000/app@${digest}`);
  assert.equal(remedy(`app@${digest}`, digest), `skerry image pull app@${digest}`);
  assert.match(remedy("localhost/shop-web:latest", null) ?? "", /skerry image load -i ARCHIVE/);

  const damaged = { state: "damaged", sharedBy: ["r.lan/a:1", "r.lan/b:1"] } as const;
  const pin = { reference: "r.lan/a:1", digest: null };
  assert.equal(
    imageRemedy(pin, damaged, []),
    "skerry image rm r.lan/a:1 r.lan/b:1, then: skerry image pull r.lan/a:1",
  );
  assert.match(
    imageRemedy(pin, damaged, ["shop/web", "shop/db", "lab/x"]) ?? "",
    /^skerry delete --wait -p lab, skerry delete --wait -p shop \(volumes stay\), then skerry image rm r\.lan\/a:1 r\.lan\/b:1, then apply again/,
  );
  const partly = imageRemedy(pin, damaged, ["shop/web"], true) ?? "";
  assert.match(partly, /not yours to see .*`skerry image verify`/);
  assert.doesNotMatch(partly, /r\.lan/);
  assert.equal(imageRemedy(pin, { state: "whole", sharedBy: [] }, []), null);
  assert.ok(imageRemedy(pin, { state: "unchecked", sharedBy: [] }, []));
});
