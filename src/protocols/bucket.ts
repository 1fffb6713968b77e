/** Host names under which a bucket's name may stand, besides AWS's own. */
const aws = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com$/;
const local = /^(?:(.+)\.)?(?:s3\.)?localhost$/;
const extra = new Map<string, RegExp>();

/** Makes `bucket.<host>` mean that bucket. */
export function serveBucketsUnder(host: string): void {
  if (host === "" || /^[\d.]+$/.test(host) || host.includes(":")) return;
  extra.set(host, new RegExp(`^(?:(.+)\\.)?(?:s3\\.)?${host.replaceAll(".", "\\.")}$`));
}

/** The bucket a request names, by host or as the first part of the path, and the path that is left. Throws URIError on bad escapes. */
export function bucketOf(host: string, path: string): { bucket?: string; path: string } {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  for (const form of [aws, local, ...extra.values()]) {
    const bucket = form.exec(name)?.[1];
    if (bucket !== undefined) return { bucket, path };
  }
  const named = /^\/([^/]+)(\/.*)?$/.exec(path);
  return named ? { bucket: decodeURIComponent(named[1] as string), path: named[2] ?? "/" } : { path: "/" };
}
