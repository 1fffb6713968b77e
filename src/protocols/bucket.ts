/** Host names under which a bucket's name may stand, besides AWS's own. */
const aws = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com$/;
const local = /^(?:(.+)\.)?(?:s3\.)?localhost$/;

/** The bucket a request names, by host or as the first part of the path, and the path that is left. Throws URIError on bad escapes. */
export function bucketOf(host: string, path: string): { bucket?: string; path: string } {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  for (const form of [aws, local]) {
    const bucket = form.exec(name)?.[1];
    if (bucket !== undefined) return { bucket, path };
  }
  const named = /^\/([^/]+)(\/.*)?$/.exec(path);
  return named ? { bucket: decodeURIComponent(named[1] as string), path: named[2] ?? "/" } : { path: "/" };
}
