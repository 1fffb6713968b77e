import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CodeCommitClient, CreateCommitCommand, CreateRepositoryCommand, GetBranchCommand } from "@aws-sdk/client-codecommit";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { commands, openPlace, phasesOf, type Place } from "./builds.ts";
import { zipOf } from "./zips.ts";

describe("codebuild sources", () => {
  let place: Place;
  let s3: S3Client;
  let codecommit: CodeCommitClient;
  const commits: string[] = [];
  const url = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app";
  before(async () => {
    place = await openPlace();
    s3 = place.server.client(S3Client);
    codecommit = place.server.client(CodeCommitClient);
    await s3.send(new CreateBucketCommand({ Bucket: "sources" }));
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: "app" }));
    for (const text of ["one", "two"]) {
      const { commitId } = await codecommit.send(
        new CreateCommitCommand({
          repositoryName: "app",
          branchName: "master",
          parentCommitId: commits.at(-1),
          authorName: "Ada",
          email: "ada@example.com",
          commitMessage: `say ${text}`,
          putFiles: [
            { filePath: "said", fileContent: Buffer.from(text) },
            { filePath: "run.sh", fileContent: Buffer.from("#!/bin/sh\necho ran\n"), fileMode: "EXECUTABLE" },
            {
              filePath: "buildspec.yml",
              fileContent: Buffer.from(commands("cat said; echo", "./run.sh", "git log --format=%s", "git rev-parse --abbrev-ref HEAD")),
            },
          ],
        }),
      );
      commits.push(commitId as string);
    }
  });
  after(() => place.server.stop());

  it("CODECOMMIT is a full checkout by its AWS address", async () => {
    await place.project("clone", { source: { type: "CODECOMMIT", location: url } });
    const build = await place.build("clone");
    assert.equal(build.buildStatus, "SUCCEEDED", await place.log(build));
    assert.deepEqual(await place.said(build), ["two", "ran", "say two", "say one", "master"]);
    assert.equal(build.resolvedSourceVersion, commits[1]);
  });

  it("CODECOMMIT takes commits, branches and depths", async () => {
    const older = await place.build("clone", { sourceVersion: commits[0] });
    assert.deepEqual((await place.said(older)).slice(0, 3), ["one", "ran", "say one"]);
    assert.equal(older.resolvedSourceVersion, commits[0]);
    const branch = await place.build("clone", { sourceVersion: "refs/heads/master", gitCloneDepthOverride: 1 });
    assert.deepEqual((await place.said(branch)).slice(2), ["say two", "master"]);
    const shallow = await place.build("clone", { sourceVersion: commits[0], gitCloneDepthOverride: 1 });
    assert.deepEqual((await place.said(shallow)).slice(0, 3), ["one", "ran", "say one"]);
  });

  it("CODECOMMIT fails with git's reason", async () => {
    const build = await place.build("clone", { sourceVersion: "absent" });
    assert.equal(phasesOf(build), "SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE:FAILED FINALIZING COMPLETED");
    assert.match(build.phases?.[3]?.contexts?.[0]?.message ?? "", /absent/);
    const other = await place.build("clone", { sourceLocationOverride: `${url}-absent` });
    assert.equal(other.phases?.[3]?.phaseStatus, "FAILED");
  });

  it("git inside clones and pushes by the AWS address", async () => {
    await place.inline(
      "pusher",
      commands(
        `git clone -q ${url} app`,
        "cd app && git checkout -q -b made",
        "git -c user.name=b -c user.email=b@c commit -q --allow-empty -m inside",
        "git push -q origin made",
      ),
    );
    const build = await place.build("pusher");
    assert.equal(build.buildStatus, "SUCCEEDED", await place.log(build));
    const { branch } = await codecommit.send(new GetBranchCommand({ repositoryName: "app", branchName: "made" }));
    assert.match(branch?.commitId ?? "", /^[0-9a-f]{40}$/);
  });

  it("CODEPIPELINE is a real checkout of the commit that the artifact names, or AWS's plain zip if asked for", async () => {
    const key = "my-pipeline/MySource/AbCdEfG";
    await s3.send(
      new PutObjectCommand({
        Bucket: "sources",
        Key: key,
        Body: await zipOf({ said: "from the zip", "buildspec.yml": commands("cat said; echo", "git log --format=%H || true") }),
        Metadata: { "mayfly-repository": "app", "mayfly-commit": commits[0] as string, "mayfly-branch": "master" },
      }),
    );
    await place.project("piped", { source: { type: "CODEPIPELINE" }, artifacts: { type: "CODEPIPELINE" } });
    const build = await place.build("piped", { sourceLocationOverride: `sources/${key}` });
    assert.deepEqual(await place.said(build), ["one", "ran", "say one", "master"]);
    assert.deepEqual([build.resolvedSourceVersion, build.initiator], [commits[0], "codepipeline/my-pipeline"]);
    const plain = await place.build("piped", {
      sourceLocationOverride: `sources/${key}`,
      environmentVariablesOverride: [{ name: "MAYFLY_SOURCE_FORMAT", value: "CODE_ZIP" }],
    });
    const [said, git] = await place.said(plain);
    assert.equal(said, "from the zip");
    assert.match(git as string, /not a git repository/);
    await assert.rejects(place.build("piped"), { name: "InvalidInputException" });
  });

  it("S3 zips keep modes and links, and cannot lead out", async () => {
    const buildspec = commands("./run.sh", "readlink link", "cat link");
    await s3.send(
      new PutObjectCommand({
        Bucket: "sources",
        Key: "app.zip",
        Body: await zipOf({
          "buildspec.yml": buildspec,
          "run.sh": { text: "#!/bin/sh\necho ran\n", mode: 0o100755 },
          "dir/f": "content",
          link: { text: "dir/f", mode: 0o120777 },
        }),
      }),
    );
    await place.project("zipped", { source: { type: "S3", location: "sources/app.zip" } });
    const build = await place.build("zipped");
    assert.deepEqual(await place.said(build), ["ran", "dir/f", "content"], await place.log(build));

    await s3.send(
      new PutObjectCommand({
        Bucket: "sources",
        Key: "app.zip",
        Body: await zipOf({ "buildspec.yml": { text: "/etc/hostname", mode: 0o120777 } }),
      }),
    );
    const hostile = await place.build("zipped");
    assert.equal(hostile.phases?.[3]?.phaseStatus, "FAILED");
    assert.match(hostile.phases?.[3]?.contexts?.[0]?.message ?? "", /no such file/);

    await s3.send(new PutObjectCommand({ Bucket: "sources", Key: "app.zip", Body: "no zip" }));
    assert.match((await place.build("zipped")).phases?.[3]?.contexts?.[0]?.message ?? "", /cannot be unpacked/);
    await place.project("zipless", { source: { type: "S3", location: "sources/absent.zip" } });
    assert.match((await place.build("zipless")).phases?.[3]?.contexts?.[0]?.message ?? "", /NoSuchKey/);
  });

  it("S3 folders are fetched object by object, and a buildspec may stand in S3", async () => {
    for (const name of ["a", "d/b"]) await s3.send(new PutObjectCommand({ Bucket: "sources", Key: `folder/${name}`, Body: name }));
    await s3.send(new PutObjectCommand({ Bucket: "sources", Key: "spec.yml", Body: commands("cat a d/b; echo") }));
    await place.project("folder", { source: { type: "S3", location: "sources/folder/", buildspec: "arn:aws:s3:::sources/spec.yml" } });
    const build = await place.build("folder");
    assert.deepEqual(await place.said(build), ["ad/b"], await place.log(build));
  });

  it("are several, each in a folder of its own", async () => {
    await place.project("several", {
      source: {
        type: "CODECOMMIT",
        location: url,
        buildspec: commands(
          "cat $CODEBUILD_SRC_DIR_second/a; echo; echo $CODEBUILD_SOURCE_VERSION_third; cat $CODEBUILD_SRC_DIR_third/said; echo; ls",
        ),
      },
      secondarySources: [
        { type: "S3", location: "sources/folder/", sourceIdentifier: "second" },
        { type: "CODECOMMIT", location: url, sourceIdentifier: "third" },
      ],
      secondarySourceVersions: [{ sourceIdentifier: "third", sourceVersion: commits[0] as string }],
    });
    const build = await place.build("several");
    assert.deepEqual(await place.said(build), ["a", commits[0], "one", "buildspec.yml", "run.sh", "said"], await place.log(build));
  });

  it("of plain git addresses are cloned, with the token that was imported", async () => {
    const plain = `${place.server.endpoint}/us-east-1/v1/repos/app`;
    const { ImportSourceCredentialsCommand } = await import("@aws-sdk/client-codebuild");
    const { accessKeyId, secretAccessKey } = place.server.credentials;
    await place.project("plain-git", { source: { type: "GITHUB", location: plain } });
    const closed = await place.build("plain-git");
    assert.match(closed.phases?.[3]?.contexts?.[0]?.message ?? "", /git clone of .* failed/);
    await place.codebuild.send(
      new ImportSourceCredentialsCommand({ serverType: "GITHUB", authType: "BASIC_AUTH", username: accessKeyId, token: secretAccessKey }),
    );
    const build = await place.build("plain-git");
    assert.deepEqual((await place.said(build)).slice(0, 2), ["two", "ran"], await place.log(build));
    assert.equal(build.resolvedSourceVersion, commits[1]);
  });

  it("hold their buildspec where the project says, and nowhere outside", async () => {
    await place.project("elsewhere", { source: { type: "CODECOMMIT", location: url, buildspec: "ci/spec.yml" } });
    assert.match(
      (await place.build("elsewhere")).phases?.[3]?.contexts?.[0]?.message ?? "",
      /stat \/codebuild\/output\/src\/src\/ci\/spec.yml: no such file/,
    );
    assert.match(
      (await place.build("elsewhere", { buildspecOverride: "../../../../../etc/passwd" })).phases?.[3]?.contexts?.[0]?.message ?? "",
      /no such file|YAML|passwd/,
    );
    const inline = await place.build("elsewhere", { buildspecOverride: '{"version":"0.2","phases":{"build":{"commands":["echo json"]}}}' });
    assert.deepEqual(await place.said(inline), ["json"]);
  });
});
