/** How our own code calls AWS: official clients, aimed at this server (in-process) or, by configuration, at Amazon. */
export interface Aws {
  /**
   * An official client, made once per class and identity. Its calls go through the gateway like anybody's.
   * @example aws.at(call).client(S3Client).send(new PutObjectCommand(…))
   */
  // biome-ignore lint/suspicious/noExplicitAny: each client class has its own configuration type
  client<C>(of: new (config: any) => C): C;
  /** The same service acting in that account and region. */
  at(place: { account: string; region: string }): Aws;
  /** Acting as that role, assumed by the service. */
  as(roleArn: string, sessionName: string): Aws;
}
