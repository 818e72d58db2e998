// A program that hears of changes by the Streaming API: what happened before, what happens now, and what is refused.
import { StreamingExtension } from "jsforce/lib/api/streaming.js";
import { logIn, tell } from "./session.mjs";

const connection = await logIn();
const channel = "/data/ChangeEvents";
const { id: before } = await connection.sobject("Account").create({ Name: "Before" });

const streaming = connection.streaming.createClient([new StreamingExtension.Replay(channel, -2)]);
const events = [];
let account;
await new Promise((resolve, reject) => {
  streaming
    .subscribe(channel, (message) => {
      events.push(message);
      const header = message.payload.ChangeEventHeader;
      if (header.recordIds.includes(before)) act();
      if (header.changeType === "DELETE") resolve();
    })
    .then(() => {}, reject);
});
await streaming.disconnect();

async function act() {
  account = (await connection.sobject("Account").create({ Name: "Now", BillingCity: "Bern" })).id;
  await connection.sobject("Account").update({ Id: account, Industry: "Banking", BillingCity: null });
  await connection.sobject("Account").destroy(account);
}

const again = connection.streaming.createClient([new StreamingExtension.Replay(channel, 999_999_999)]);
const refused = await again.subscribe(channel, () => {}).then(
  () => null,
  (error) => error.message,
);
await again.disconnect();
const lost = connection.streaming.createClient([]);
lost.setHeader("Authorization", "OAuth wrong");
const unknown = await new Promise((resolve) => {
  lost.addExtension({
    incoming(message, callback) {
      if (message.channel === "/meta/handshake") resolve(message.error);
      callback(message);
    },
  });
  lost.subscribe(channel, () => {});
});

tell({ before, account, events, refused, unknown });
process.exit(0);
