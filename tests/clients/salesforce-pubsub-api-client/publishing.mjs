// A program that tells others of what it did: one event, then two at once, heard by itself.
import { connect, listen, tell } from "./session.mjs";

const topic = "/event/Order_Placed__e";
const client = await connect();
const order = (number) => ({
  CreatedDate: Date.now(),
  CreatedById: "005000000000000AAA",
  Number__c: { string: number },
  Total__c: { double: 12.5 },
});
const single = await client.publish(topic, order("One"), "key-one");
const batch = await new Promise((resolve, reject) => {
  client.publishBatch(
    topic,
    [{ payload: order("Two") }, { payload: order("Three") }],
    (info, kind, data) => (kind === "publishResponse" ? resolve(data.results) : kind === "error" && reject(data)),
  );
});
const heard = await listen(
  (listener) => client.subscribeFromEarliestEvent(topic, listener),
  (sofar) => sofar.length === 3,
);
client.close();
tell({
  keys: [single.correlationKey, batch.length],
  places: [single.replayId, ...batch.map((each) => each.replayId)],
  heard: heard.map((each) => [each.replayId, each.payload.Number__c, each.payload.Total__c]),
});
process.exit(0);
