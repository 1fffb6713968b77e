import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { approval, bucket, furnish, openWorkshop, s3Deploy, s3Source } from "./workshop.ts";

let data: string;
before(async () => {
  data = await mkdtemp(join(tmpdir(), "pipelines-"));
});
after(() => rm(data, { recursive: true, force: true }));

describe("a restarted server", () => {
  it("goes on where executions were: what waits still waits, what was about to begin begins", async () => {
    const first = await openWorkshop({ data });
    await furnish(first);
    await first.putSource({ "index.html": "<p>" });
    await first.create("lasts", [[s3Source()], [approval("Ask")], [s3Deploy({ BucketName: bucket, Extract: "true", ObjectKey: "site" })]]);
    await first.server.idle();
    const token = (await first.action("lasts", "Ask"))!.token;
    // This one is stopped wherever it happens to be.
    await first.create("cut", [[s3Source()], [s3Deploy({ BucketName: bucket, Extract: "true", ObjectKey: "cut" })]]);
    await first.server.stop();

    const second = await openWorkshop({ data });
    await second.server.idle();
    assert.equal((await second.action("lasts", "Ask"))!.token, token);
    assert.deepEqual(await second.statuses("cut"), ["Succeeded"]);
    assert.equal((await second.read(bucket, "cut/index.html")).toString(), "<p>");
    await second.approve("lasts", "Build", "Ask");
    assert.deepEqual(await second.statuses("lasts"), ["Succeeded"]);
    assert.equal((await second.read(bucket, "site/index.html")).toString(), "<p>");
    await second.server.stop();
  });
});
