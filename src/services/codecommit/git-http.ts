/** Git's smart HTTP: fetches by the system's `git upload-pack`, pushes by our own admission. */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Context, HttpRequest, HttpResponse } from "../service.ts";
import { type Admission, tipsOf } from "./admit.ts";
import type { Cache } from "./cache.ts";
import { mustGit, streamGit } from "./git.ts";
import { candidatesOf, type GitAddress, readAddress } from "./git-address.ts";
import { flush, MalformedPktLine, pktLine } from "./pkt-lines.ts";
import { advertiseReceive, readCommands, report } from "./receive-request.ts";
import { PackRefused } from "./quarantine.ts";
import { ownKey, places, type Ref, type Repository, refs, repositories, repositoryKey } from "./records.ts";
import { heads } from "./refs.ts";
import { signIn } from "./sign-in.ts";

export const gitHttp = (context: Context, cache: Cache, admission: Admission) => {
  let advertisementV2: Buffer | undefined;

  const advertiseUpload = async (repository: Repository, protocol: string): Promise<Buffer> => {
    const v2 = protocol.split(":").includes("version=2");
    // In version 2 it tells what the server can do and nothing of the repository.
    if (v2 && advertisementV2) return advertisementV2;
    const dir = await cache.fresh(repository);
    const said = await mustGit(["upload-pack", "--stateless-rpc", "--http-backend-info-refs", dir], { env: { GIT_PROTOCOL: protocol } });
    if (!v2) return Buffer.concat([pktLine("# service=git-upload-pack\n"), flush, said]);
    advertisementV2 = said;
    return said;
  };

  const infoRefs = async (repository: Repository, service: string | null, protocol: string): Promise<HttpResponse> => {
    if (service === "git-upload-pack")
      return answer(200, `application/x-${service}-advertisement`, await advertiseUpload(repository, protocol));
    if (service !== "git-receive-pack")
      return answer(403, "text/plain", "Please upgrade your git client: only the smart HTTP protocol is spoken here.\n");
    const all = await context.store.read((tx) => tx.entries<Ref>(refs, { prefix: ownKey(repository) }));
    const lines = all.map(({ key, value }) => ({ name: key[3], target: value.target }));
    return answer(200, `application/x-${service}-advertisement`, advertiseReceive(lines, protocol));
  };

  const receivePack = async (repository: Repository, body: Readable, callerArn: string): Promise<HttpResponse> => {
    const result = (bytes: Buffer) => answer(200, "application/x-git-receive-pack-result", bytes);
    const request = await readCommands(body);
    if (!request) return result(flush);
    const { updates, capabilities } = request;
    try {
      const tips = tipsOf(updates);
      const quarantined = tips.length > 0 ? await admission.quarantine(repository, request.pack, tips) : undefined;
      await request.drain();
      const verdicts = await admission.commit(repository, { updates, quarantined, atomic: capabilities.has("atomic"), callerArn });
      return result(report(capabilities, undefined, verdicts));
    } catch (error) {
      if (!(error instanceof PackRefused)) throw error;
      context.log.info("a push was refused", { repository: repository.name, reason: error.message });
      await request.drain();
      const verdicts = updates.map(({ ref }) => ({ ref, reason: "unpacker error" }));
      return result(report(capabilities, error.message, verdicts));
    }
  };

  const archive = async (repository: Repository, commit: string): Promise<HttpResponse> => {
    const reader = await cache.reader(repository);
    if ((await reader.info(commit))?.type !== "commit") return answer(404, "text/plain", `no commit ${commit} in ${repository.name}\n`);
    const dir = await cache.fresh(repository);
    return answer(200, "application/zip", streamGit(["archive", "--format=zip", commit], { dir }, undefined, true));
  };

  /** A branch as one file that git can clone: what a fetch of it would bring, with the tags on it. */
  const bundle = async (repository: Repository, branch: string): Promise<HttpResponse> => {
    const ref = `${heads}${branch}`;
    const all = await context.store.read((tx) => tx.entries<Ref>(refs, { prefix: ownKey(repository) }));
    const names = all.map(({ key }) => key[3]);
    if (!names.includes(ref)) return answer(404, "text/plain", `no branch ${branch} in ${repository.name}\n`);
    const dir = await cache.fresh(repository);
    const wanted = [ref];
    if (repository.defaultBranch === branch) wanted.push("HEAD");
    if (names.some((name) => name.startsWith("refs/tags/")))
      wanted.push(
        ...String(await mustGit(["for-each-ref", `--merged=${ref}`, "--format=%(refname)", "refs/tags"], { dir }))
          .split("\n")
          .filter(Boolean),
      );
    const said = streamGit(
      ["bundle", "create", "-q", "-", "--stdin"],
      { dir },
      Readable.from([wanted.map((name) => `${name}\n`).join("")]),
      true,
    );
    return answer(200, "application/x-git-bundle", said);
  };

  const find = async (address: GitAddress, account: string, region: string | undefined): Promise<Repository | undefined> => {
    const regions = region ? [region] : address.region ? [address.region] : await regionsOf(context, account, address.name);
    const one = regions.length === 1 ? regions[0] : "us-east-1";
    return context.store.read((tx) => tx.get(repositories, repositoryKey({ account, region: one }, address.name)));
  };

  const serve = async (request: HttpRequest): Promise<HttpResponse> => {
    const host = request.headers.host ?? "";
    const address = readAddress(host, request.path);
    if (!address) return answer(404, "text/plain", "Mayfly serves git at /v1/repos/<name>.\n");
    const regions = await regionsOf(context, context.account, address.name);
    const signed = request.principal
      ? { principal: request.principal }
      : await signIn(context, request.headers.authorization, candidatesOf(address, host, regions));
    if (!signed) {
      const refused = answer(
        401,
        "text/plain",
        "Sign in with the AWS CLI's credential helper, git credentials of IAM, or an access key.\n",
      );
      return { ...refused, headers: { ...refused.headers, "www-authenticate": 'Basic realm="AWS CodeCommit"' } };
    }
    const repository = await find(address, signed.principal.account, signed.region);
    if (!repository) return answer(404, "text/plain", `repository ${address.name} not found\n`);
    const protocol = /^[a-z0-9=:._-]{1,200}$/.exec(request.headers["git-protocol"] ?? "")?.[0] ?? "";
    const body = request.headers["content-encoding"] === "gzip" ? inflated(request.body) : request.body;
    const what = `${request.method} ${address.verb}`;
    if (what === "GET info/refs") return infoRefs(repository, new URLSearchParams(request.query).get("service"), protocol);
    if (what === "POST git-receive-pack") return receivePack(repository, body, signed.principal.arn);
    if (what === "GET archive") return archive(repository, address.commit ?? "");
    if (what === "GET bundle") return bundle(repository, address.branch ?? "");
    if (what !== "POST git-upload-pack") return answer(405, "text/plain", "method not allowed\n");
    const dir = await cache.fresh(repository);
    const said = streamGit(["upload-pack", "--stateless-rpc", "--strict", dir], { env: { GIT_PROTOCOL: protocol } }, body);
    return answer(200, "application/x-git-upload-pack-result", said);
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      return await serve(request);
    } catch (error) {
      if (error instanceof MalformedPktLine || isBadGzip(error)) return answer(400, "text/plain", `${error.message}\n`);
      throw error;
    }
  };
};

const inflated = (body: Readable): Readable => {
  const inflate = createGunzip();
  body.on("error", (error) => inflate.destroy(error));
  // Whoever reads hears of it too; this is for when nobody reads yet, or any more.
  inflate.on("error", () => {});
  return body.pipe(inflate);
};
const isBadGzip = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("Z_");

const regionsOf = async (context: Context, account: string, name: string): Promise<string[]> => {
  const found = await context.store.read((tx) => tx.entries(places, { prefix: [account, name] }));
  return found.map(({ key }) => key[2]);
};

const answer = (status: number, type: string, body: string | Uint8Array | Readable): HttpResponse => ({
  status,
  headers: {
    "content-type": type,
    "cache-control": "no-cache, max-age=0, must-revalidate",
    expires: "Fri, 01 Jan 1980 00:00:00 GMT",
    pragma: "no-cache",
  },
  body,
});
