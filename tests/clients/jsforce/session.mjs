// A logged-in jsforce for the other programs of this folder, and what they print.
import jsforce from "jsforce";

export const ORG = JSON.parse(process.env.DEMO_ORG);
export const OAUTH2 = { loginUrl: ORG.https_url, clientId: ORG.client_id, clientSecret: ORG.client_secret };
export const VERSION = "64.0";

/** The login that most servers use: client credentials. */
export async function logIn() {
  const connection = new jsforce.Connection({ oauth2: OAUTH2, version: VERSION });
  await connection.authorize({ grant_type: "client_credentials" });
  return connection;
}

/** The code that a call is refused with, or "" when it is not. */
export async function refusal(call) {
  try {
    await call();
    return "";
  } catch (error) {
    return error.errorCode ?? error.name;
  }
}

export function tell(found) {
  console.log(JSON.stringify(found));
}
