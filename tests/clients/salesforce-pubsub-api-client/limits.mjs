// What a program meets that asks for too little, for too long ago, or for what is not there.
import { connect, tell } from "./session.mjs";

const client = await connect();
const asked = await new Promise((resolve) => {
  const heard = [];
  client.subscribeFromEarliestEvent(
    "/data/AccountChangeEvent",
    (subscription, kind) => {
      heard.push(kind);
      if (kind === "lastEvent") {
        if (subscription.receivedEventCount === 2 && heard.length < 6) {
          client.requestAdditionalEvents("/data/AccountChangeEvent", 1);
        } else {
          resolve(heard);
        }
      }
    },
    2,
  );
});

function refused(topic, start) {
  return new Promise((resolve) => {
    start((subscription, kind, data) => {
      if (kind === "error") resolve([data.code, data.metadata.get("error-code")[0], data.details.includes("rpcId: ")]);
    });
  });
}

const never = await refused("never", (heard) => client.subscribeFromReplayId("/data/ChangeEvents", heard, 1, 999_999_999));
const unknown = await refused("unknown", (heard) => client.subscribe("/data/NothingChangeEvent", heard, 1));
tell({ asked, never, unknown, state: await client.getConnectivityState() });
process.exit(0);
