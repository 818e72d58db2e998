// How a program connects: with its client id and secret, to the org's own login, and to the Pub/Sub API beside it.
import PubSubApiClient from "salesforce-pubsub-api-client";

export const org = JSON.parse(process.env.DEMO_ORG);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function connect() {
  const client = new PubSubApiClient(
    {
      authType: "oauth-client-credentials",
      loginUrl: org.https_url,
      clientId: org.client_id,
      clientSecret: org.client_secret,
      pubSubEndpoint: org.pubsub,
      // It brings its list of authorities in its package; the demo org's is none of them.
      rejectUnauthorizedSsl: false,
    },
    quiet,
  );
  await client.connect();
  return client;
}

// Listens until `enough` says so of the events so far.
export function listen(start, enough) {
  const events = [];
  return new Promise((resolve, reject) => {
    start((subscription, kind, data) => {
      if (kind === "event") {
        events.push(data);
        if (enough(events)) resolve(events);
      } else if (kind === "error") {
        reject(data);
      }
    });
  });
}

// What another program of the same org does meanwhile.
export async function rest(method, resource, body) {
  const form = { grant_type: "client_credentials", client_id: org.client_id, client_secret: org.client_secret };
  const login = await fetch(`${org.url}/services/oauth2/token`, { method: "POST", body: new URLSearchParams(form) });
  const { access_token } = await login.json();
  const answer = await fetch(`${org.url}/services/data/v64.0/${resource}`, {
    method,
    body: JSON.stringify(body),
    headers: {
      Authorization: `Bearer ${access_token}`,
      "Content-Type": "application/json",
      "Sforce-Call-Options": "client=elsewhere",
    },
  });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

export function tell(found) {
  process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === "bigint" ? String(value) : value)));
}
