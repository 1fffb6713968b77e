import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseToolchains, RuntimeMissing } from "./toolchains.ts";

const jdks = [8, 17, 25].map((major) => ({ home: `/jvm/${major}`, major }));

describe("chooseToolchains", () => {
  for (const [version, home] of [
    ["corretto17", "/jvm/17"],
    ["corretto8", "/jvm/8"],
    ["openjdk17", "/jvm/17"],
    ["25", "/jvm/25"],
    ["17.x", "/jvm/17"],
    ["latest", "/jvm/25"],
  ] as const)
    it(`java ${version} is ${home}`, () => {
      const { environment, path } = chooseToolchains({ java: version }, jdks);
      assert.deepEqual([environment.JAVA_HOME, path], [home, [`${home}/bin`]]);
    });
  it("refuses a JDK that is not here, by name", () =>
    assert.throws(
      () => chooseToolchains({ java: "corretto11" }, jdks),
      (error: Error) => error instanceof RuntimeMissing && /corretto11.*corretto25, corretto17, corretto8/.test(error.message),
    ));
  it("refuses an unknown language", () => assert.throws(() => chooseToolchains({ cobol: "85" }, jdks), /Unknown runtime named 'cobol'/));
  it("says what is used for the others", () =>
    assert.match(chooseToolchains({ nodejs: "20" }, []).lines[0] as string, /nodejs of this machine/));
});
