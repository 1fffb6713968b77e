/** `Code` of AWS::CodeCommit::Repository: the files of a zip archive in S3 as the repository's first commit. */
import { CodeCommitClient, CreateCommitCommand, GetBranchCommand } from "@aws-sdk/client-codecommit";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import yauzl from "yauzl";
import type { Aws } from "../../../aws/aws.ts";
import { unlessGone } from "./resource.ts";

/** CodeCommit takes so many files with one commit. */
const MOST = 100;
interface File {
  readonly filePath: string;
  readonly fileMode: "NORMAL" | "EXECUTABLE";
  readonly fileContent: Uint8Array;
}

const open = promisify(yauzl.fromBuffer) as unknown as (bytes: Buffer, options: yauzl.Options) => Promise<yauzl.ZipFile>;
const filesOf = async (bytes: Uint8Array): Promise<File[]> => {
  const zip = await open(Buffer.from(bytes), { lazyEntries: true });
  const files: File[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", resolve);
    zip.on("entry", (entry: yauzl.Entry) => {
      if (entry.fileName.endsWith("/")) return zip.readEntry();
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        buffer(stream as NodeJS.ReadableStream).then((fileContent) => {
          const executable = ((entry.externalFileAttributes >>> 16) & 0o111) !== 0;
          files.push({ filePath: entry.fileName, fileMode: executable ? "EXECUTABLE" : "NORMAL", fileContent });
          zip.readEntry();
        }, reject);
      });
    });
    zip.readEntry();
  });
  return files;
};

/** Does nothing when the branch is there: an earlier try made it. */
// biome-ignore lint/suspicious/noExplicitAny: the property of the template
export const seedRepository = async (aws: Aws, repositoryName: string, code: any): Promise<void> => {
  const client = aws.client(CodeCommitClient);
  const branchName: string = code.BranchName ?? "main";
  const there = await unlessGone(["BranchDoesNotExistException"], () => client.send(new GetBranchCommand({ repositoryName, branchName })));
  if (there) return;
  const { Bucket, Key, ObjectVersion } = code.S3;
  const { Body } = await aws.client(S3Client).send(new GetObjectCommand({ Bucket, Key, VersionId: ObjectVersion }));
  const files = await filesOf((await Body?.transformToByteArray()) ?? new Uint8Array());
  let parentCommitId: string | undefined;
  for (let first = 0; first < files.length; first += MOST) {
    const putFiles = files.slice(first, first + MOST);
    const { commitId } = await client.send(new CreateCommitCommand({ repositoryName, branchName, parentCommitId, commitMessage: "Initial commit", putFiles }));
    parentCommitId = commitId;
  }
};
