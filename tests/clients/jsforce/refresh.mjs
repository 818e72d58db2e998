// A session that ends while a program works: jsforce logs in again by its refresh token and goes on.
import jsforce from "jsforce";
import { OAUTH2, ORG, VERSION, tell } from "./session.mjs";

const connection = new jsforce.Connection({
  oauth2: OAUTH2,
  instanceUrl: ORG.https_url,
  accessToken: "00D000000000000!ended",
  refreshToken: ORG.refresh_token,
  version: VERSION,
});
const tokens = [];
connection.on("refresh", (token) => tokens.push(token));
const found = await connection.query("SELECT Id FROM Organization");
tell({ org: found.records[0].Id, refreshed: tokens.length, isNew: connection.accessToken === tokens[0] });
