/** User names and passwords for git over HTTPS. */
import { randomBytes } from "node:crypto";
import * as sdk from "@aws-sdk/client-iam";
import type { Handlers } from "../../protocols/operations.ts";
import type { Writing } from "../../store/store.ts";
import { digestOf, type GitCredential, gitCredentials, iamId } from "../credentials.ts";
import type { Context } from "../service.ts";
import { limitExceeded, noSuchEntity } from "./errors.ts";
import { loaded } from "./holders.ts";
import { keyOf, type User, userPrincipal, users } from "./records.ts";
import { userNamed } from "./users.ts";

const supported = "codecommit.amazonaws.com";
const credentialsPerUser = 2;

/** A password of 256 random bits, with its digest. */
const newPassword = () => {
  const password = `${randomBytes(32).toString("base64").replace(/=+$/, "")}=`;
  const salt = randomBytes(16).toString("hex");
  return { password, salt, digest: digestOf(salt, password) };
};

const shown = (user: User, credential: GitCredential) => ({
  UserName: user.name,
  Status: credential.status,
  ServiceUserName: credential.serviceUserName,
  CreateDate: new Date(credential.created),
  ServiceSpecificCredentialId: credential.id,
  ServiceName: credential.serviceName,
});

export const serviceSpecificCredentialOperations = ({ store, clock }: Context): Handlers<typeof sdk> => {
  const ofUser = async (tx: Pick<Writing, "get">, user: User): Promise<GitCredential[]> =>
    (await Promise.all(user.gitNames.map((name) => tx.get(gitCredentials, [name])))).filter((one) => one !== undefined);
  const owned = async (tx: Pick<Writing, "get">, account: string, userName: string, id: string | undefined) => {
    const user = await loaded(tx, "user", account, userName);
    const credential = (await ofUser(tx, user)).find((one) => one.id === id);
    if (!credential) throw noSuchEntity(`No such credential ${id} exists`);
    return { user, credential };
  };
  const freeName = async (tx: Pick<Writing, "get">, account: string, user: User): Promise<string> => {
    for (let number = 0; ; number++) {
      const name = `${user.name}${number === 0 ? "" : `+${number}`}-at-${account}`;
      if (!(await tx.get(gitCredentials, [name]))) return name;
    }
  };
  return {
    CreateServiceSpecificCredential: (input, call) =>
      store.write(async (tx) => {
        if (input.ServiceName !== supported)
          throw new sdk.ServiceNotSupportedException({
            message: `No such service ${input.ServiceName} supports service specific credentials here; ${supported} does`,
            $metadata: {},
          });
        const user = await loaded(tx, "user", call.account, userNamed(input.UserName, call));
        if (user.gitNames.length >= credentialsPerUser)
          throw limitExceeded(`Cannot exceed quota for ServiceSpecificCredentialsPerUser: ${credentialsPerUser}`);
        const { password, salt, digest } = newPassword();
        const credential: GitCredential = {
          id: iamId("ACCA"),
          serviceName: supported,
          serviceUserName: await freeName(tx, call.account, user),
          salt,
          digest,
          principal: userPrincipal(call.account, user),
          status: "Active",
          created: clock.now().toISOString(),
        };
        await tx.put(gitCredentials, [credential.serviceUserName], credential);
        await tx.put(users, keyOf(call.account, user.name), { ...user, gitNames: [...user.gitNames, credential.serviceUserName] });
        return { ServiceSpecificCredential: { ...shown(user, credential), ServicePassword: password } };
      }),
    ListServiceSpecificCredentials: (input, call) =>
      store.read(async (tx) => {
        const user = await loaded(tx, "user", call.account, userNamed(input.UserName, call));
        const all = await ofUser(tx, user);
        const wanted = all.filter(({ serviceName }) => input.ServiceName === undefined || input.ServiceName === serviceName);
        return { ServiceSpecificCredentials: wanted.map((credential) => shown(user, credential)) };
      }),
    UpdateServiceSpecificCredential: (input, call) =>
      store.write(async (tx) => {
        const { credential } = await owned(tx, call.account, userNamed(input.UserName, call), input.ServiceSpecificCredentialId);
        const status = input.Status === "Active" ? "Active" : "Inactive";
        await tx.put(gitCredentials, [credential.serviceUserName], { ...credential, status });
        return {};
      }),
    ResetServiceSpecificCredential: (input, call) =>
      store.write(async (tx) => {
        const { user, credential } = await owned(tx, call.account, userNamed(input.UserName, call), input.ServiceSpecificCredentialId);
        const { password, salt, digest } = newPassword();
        await tx.put(gitCredentials, [credential.serviceUserName], { ...credential, salt, digest });
        return { ServiceSpecificCredential: { ...shown(user, credential), ServicePassword: password } };
      }),
    DeleteServiceSpecificCredential: (input, call) =>
      store.write(async (tx) => {
        const { user, credential } = await owned(tx, call.account, userNamed(input.UserName, call), input.ServiceSpecificCredentialId);
        await tx.delete(gitCredentials, [credential.serviceUserName]);
        const gitNames = user.gitNames.filter((name) => name !== credential.serviceUserName);
        await tx.put(users, keyOf(call.account, user.name), { ...user, gitNames });
        return {};
      }),
  };
};
