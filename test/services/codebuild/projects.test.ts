import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  BatchGetProjectsCommand,
  CreateProjectCommand,
  DeleteProjectCommand,
  DeleteSourceCredentialsCommand,
  ImportSourceCredentialsCommand,
  InvalidateProjectCacheCommand,
  ListCuratedEnvironmentImagesCommand,
  ListProjectsCommand,
  ListSourceCredentialsCommand,
  StartBuildCommand,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import { openPlace, type Place } from "./builds.ts";

describe("codebuild projects", () => {
  let place: Place;
  before(async () => {
    place = await openPlace();
  });
  after(() => place.server.stop());
  const refused = (input: object, name: string, message: RegExp) =>
    assert.rejects(place.project("refused", input), (error: Error) => {
      assert.equal(error.name, name);
      assert.match(error.message, message);
      return true;
    });

  it("are created with AWS's defaults, updated, listed and deleted", async () => {
    const { codebuild } = place;
    await place.project("one", { description: "first", tags: [{ key: "a", value: "b" }] });
    const get = async (name: string) => (await codebuild.send(new BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
    const made = await get("one");
    assert.equal(made?.arn, `arn:aws:codebuild:us-east-1:${place.server.account}:project/one`);
    assert.deepEqual(
      [made?.timeoutInMinutes, made?.queuedTimeoutInMinutes, made?.cache, made?.badge?.badgeEnabled],
      [60, 480, { type: "NO_CACHE" }, false],
    );
    assert.deepEqual(made?.environment?.privilegedMode, false);
    await codebuild.send(new UpdateProjectCommand({ name: "one", timeoutInMinutes: 5, tags: [] }));
    const changed = await get(made?.arn as string);
    assert.deepEqual([changed?.timeoutInMinutes, changed?.description, changed?.tags], [5, "first", []]);
    assert.deepEqual((await codebuild.send(new ListProjectsCommand({}))).projects, ["one"]);
    await codebuild.send(new InvalidateProjectCacheCommand({ projectName: "one" }));
    await codebuild.send(new DeleteProjectCommand({ name: "one" }));
    const gone = await codebuild.send(new BatchGetProjectsCommand({ names: ["one"] }));
    assert.deepEqual([gone.projects, gone.projectsNotFound], [[], ["one"]]);
  });

  it("are listed page by page in each order", async () => {
    for (let i = 0; i < 105; i++) await place.project(`many-${String(i).padStart(3, "0")}`);
    const first = await place.codebuild.send(new ListProjectsCommand({ sortBy: "NAME", sortOrder: "DESCENDING" }));
    assert.equal(first.projects?.[0], "many-104");
    assert.equal(first.projects?.length, 100);
    const rest = await place.codebuild.send(
      new ListProjectsCommand({ sortBy: "NAME", sortOrder: "DESCENDING", nextToken: first.nextToken }),
    );
    assert.deepEqual([rest.projects, rest.nextToken], [["many-004", "many-003", "many-002", "many-001", "many-000"], undefined]);
    await assert.rejects(place.codebuild.send(new ListProjectsCommand({ nextToken: "nonsense" })), { name: "InvalidInputException" });
  });

  it("exist once", async () => {
    await place.project("twice");
    await refused({ name: "twice" }, "ResourceAlreadyExistsException", /project\/twice/);
  });

  it("that cannot be built are refused", async () => {
    const environment = { type: "LINUX_CONTAINER", image: "x", computeType: "BUILD_GENERAL1_SMALL" } as const;
    await refused({ source: { type: "NO_SOURCE" } }, "InvalidInputException", /buildspec must be specified/);
    await refused({ source: { type: "CODECOMMIT", location: "https://example.com/x" } }, "InvalidInputException", /valid CODECOMMIT/);
    await refused({ source: { type: "GITHUB", location: "git@github.com:a/b" } }, "InvalidInputException", /valid GITHUB/);
    await refused({ source: { type: "CODEPIPELINE" } }, "InvalidInputException", /artifact type CODEPIPELINE/);
    await refused({ artifacts: { type: "S3" } }, "InvalidInputException", /location must be specified/);
    await refused({ serviceRole: "role" }, "InvalidInputException", /service role/);
    await refused(
      { environment: { ...environment, environmentVariables: [{ name: "CODEBUILD_X", value: "" }] } },
      "InvalidInputException",
      /reserved/,
    );
    await refused(
      {
        environment: {
          ...environment,
          environmentVariables: [
            { name: "A", value: "" },
            { name: "A", value: "" },
          ],
        },
      },
      "InvalidInputException",
      /Duplicate/,
    );
    await refused(
      { environment: { ...environment, type: "WINDOWS_CONTAINER" } },
      "InvalidInputException",
      /not implemented: environment type WINDOWS_CONTAINER/,
    );
    await refused({ cache: { type: "LOCAL" } }, "InvalidInputException", /modes/);
    await refused(
      { logsConfig: { s3Logs: { status: "ENABLED", location: "b" } } },
      "InvalidInputException",
      /not implemented: logsConfig.s3Logs/,
    );
    const { projects } = await place.codebuild.send(new BatchGetProjectsCommand({ names: ["refused"] }));
    assert.deepEqual(projects, []);
  });

  it("that are not there are told by name", async () => {
    await assert.rejects(place.codebuild.send(new StartBuildCommand({ projectName: "absent" })), {
      name: "ResourceNotFoundException",
      message: /project\/absent/,
    });
    await assert.rejects(place.codebuild.send(new UpdateProjectCommand({ name: "absent" })), { name: "ResourceNotFoundException" });
    await place.codebuild.send(new DeleteProjectCommand({ name: "absent" }));
  });

  it("know AWS's images", async () => {
    const { platforms } = await place.codebuild.send(new ListCuratedEnvironmentImagesCommand({}));
    const names = platforms?.flatMap(({ languages }) => languages?.flatMap(({ images }) => images?.map(({ name }) => name)));
    assert.ok(names?.includes("aws/codebuild/java:openjdk-8"));
  });

  it("share source credentials, whose tokens are never shown", async () => {
    const { codebuild } = place;
    const { arn } = await codebuild.send(
      new ImportSourceCredentialsCommand({ serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN", token: "t0ken" }),
    );
    const listed = await codebuild.send(new ListSourceCredentialsCommand({}));
    assert.deepEqual(listed.sourceCredentialsInfos, [{ arn, serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN" }]);
    await assert.rejects(
      codebuild.send(
        new ImportSourceCredentialsCommand({ serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN", token: "x", shouldOverwrite: false }),
      ),
      { name: "ResourceAlreadyExistsException" },
    );
    await codebuild.send(new DeleteSourceCredentialsCommand({ arn }));
    await assert.rejects(codebuild.send(new DeleteSourceCredentialsCommand({ arn })), { name: "ResourceNotFoundException" });
  });

  it("need what AWS's API needs", async () => {
    await assert.rejects(place.codebuild.send(new CreateProjectCommand({ name: "x" } as never)), (error: Error) =>
      ["InvalidInputException", "ValidationException"].includes(error.name),
    );
  });
});
