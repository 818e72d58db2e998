// Every way jsforce can log in, refresh a session and end one.
import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import jsforce from "jsforce";
import { OAUTH2, ORG, VERSION, logIn, refusal, tell } from "./session.mjs";

const orgOf = async (connection) => (await connection.query("SELECT Id FROM Organization")).records[0].Id;
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function assertion() {
  const expires = Math.floor(Date.now() / 1000) + 180;
  const claims = { iss: ORG.client_id, sub: ORG.username, aud: "https://login.salesforce.com", exp: expires };
  const signed = `${encoded({ alg: "RS256" })}.${encoded(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(readFileSync(ORG.private_key_file), "base64url")}`;
}

async function jwt() {
  const connection = new jsforce.Connection({ oauth2: OAUTH2, version: VERSION });
  await connection.authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: assertion() });
  return connection;
}

async function password() {
  const connection = new jsforce.Connection({ oauth2: OAUTH2, version: VERSION });
  const user = await connection.login(ORG.username, ORG.password + ORG.security_token);
  return [connection, user.organizationId];
}

async function soap() {
  const connection = new jsforce.Connection({ loginUrl: ORG.https_url, version: VERSION });
  await connection.login(ORG.username, ORG.password + ORG.security_token);
  return connection;
}

const machine = await logIn();
const plain = new jsforce.Connection({ instanceUrl: ORG.url, accessToken: machine.accessToken, version: VERSION });
const [person, organization] = await password();
const bySoap = await soap();
const wrong = new jsforce.Connection({ oauth2: OAUTH2, version: VERSION });
const identity = await machine.identity();
const orgs = {
  "client credentials": await orgOf(machine),
  jwt: await orgOf(await jwt()),
  password: await orgOf(person),
  soap: await orgOf(bySoap),
  session: await orgOf(plain),
};
const userInfo = bySoap.userInfo;
await bySoap.logout();
await machine.logout();
tell({
  orgs,
  organization,
  soapUser: userInfo.id === person.userInfo.id,
  identity: { username: identity.username, organization: identity.organization_id, active: identity.active },
  refused: await refusal(() => wrong.login(ORG.username, "wrong")),
  afterLogout: await refusal(() => plain.query("SELECT Id FROM Account")),
});
