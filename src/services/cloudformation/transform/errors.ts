/** What is wrong with a SAM template, in the words of AWS's transform. */

/** One resource's complaint; the transform collects them all. */
export class InvalidResource extends Error {
  readonly logicalId: string;
  constructor(logicalId: string, why: string) {
    super(`Resource with id [${logicalId}] is invalid. ${why}`);
    this.logicalId = logicalId;
  }
}

/** A complaint about no single resource. */
export class InvalidStructure extends Error {
  constructor(why: string) {
    super(`Structure of the SAM template is invalid. ${why}`);
  }
}

/** The document as a whole cannot be transformed; the message is what follows "Transform AWS::Serverless-2016-10-31 failed with: ". */
export class TransformError extends Error {
  constructor(causes: readonly string[]) {
    const unique = [...new Set(causes)];
    super(`Invalid Serverless Application Specification document. Number of errors found: ${unique.length}. ${unique.join(" ")}`);
    this.name = "TransformError";
  }
}
