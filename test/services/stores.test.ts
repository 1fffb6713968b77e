import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import pg from "pg";
import { queueContract } from "../../src/queue/queue.contract.ts";
import { openFolder, openMemory, openPostgres } from "../../src/store/open.ts";
import { storeContract } from "../../src/store/store.contract.ts";
import { postgresPrograms, startPostgres } from "../harness/postgres.ts";

storeContract("memory", openMemory);
queueContract("memory", openMemory);

describe("sqlite", () => {
  const folders: string[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), "mayfly-store-"));
    folders.push(made);
    return made;
  };
  after(() => Promise.all(folders.map((made) => rm(made, { recursive: true }))));
  storeContract("sqlite", () => openFolder(folder()));
  queueContract("sqlite", () => openFolder(folder()));
});

const programs = postgresPrograms();
describe("postgres", { skip: "missing" in programs ? programs.missing : false }, () => {
  let server: Promise<{ url: string; stop(): Promise<void> }> | undefined;
  let made = 0;
  const fresh = async () => {
    server ??= startPostgres();
    const { url } = await server;
    const name = `test${++made}`;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return openPostgres(url.replace("/postgres?", `/${name}?`));
  };
  after(async () => (await server)?.stop());
  storeContract("postgres", fresh);
  queueContract("postgres", fresh);
});
