import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { CommandError } from "./command.ts";
import { dataFolder, findServer, parseFlags, type RunningServer } from "./server.ts";

export const help = `Usage: mayfly mail [--to ADDRESS] [--data DIR] [--json]

Shows the e-mails to subscribers of SNS topics that were kept because the server has no SMTP
server (MAYFLY_SMTP_URL): confirmations of subscriptions, approvals that wait, notifications.
`;

interface Letter {
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export const run = async (args: readonly string[]): Promise<number> => {
  const values = parseFlags(args, { to: { type: "string" }, json: { type: "boolean" } });
  const letters = await fetchMail(await findServer(dataFolder(values.data)), values.to as string | undefined);
  if (values.json) process.stdout.write(`${JSON.stringify(letters, null, 2)}\n`);
  else if (letters.length === 0) process.stdout.write("no mail\n");
  else for (const { at, to, subject, text } of letters) process.stdout.write(`${at}  to ${to}\n${subject}\n\n${text.trimEnd()}\n\n`);
  return 0;
};

const fetchMail = async (server: RunningServer, to: string | undefined): Promise<Letter[]> => {
  const url = new URL("/_mayfly/mail", server.endpoint);
  const signer = new SignatureV4({ service: "sns", region: "us-east-1", credentials: server.credentials, sha256: Sha256 });
  const signed = await signer.sign({
    method: "GET",
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: to === undefined ? {} : { to },
    headers: { host: url.host },
  });
  if (to !== undefined) url.searchParams.set("to", to);
  const answer = await fetch(url, { headers: signed.headers });
  if (!answer.ok) throw new CommandError(`the server answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { mail: Letter[] }).mail;
};
