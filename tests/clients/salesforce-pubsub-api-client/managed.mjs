// A program whose place in the stream the org remembers: it commits the first of two events, and comes back.
import { connect, listen, rest, tell } from "./session.mjs";

await rest("POST", "tooling/sobjects/ManagedEventSubscription", {
  FullName: "Program",
  Metadata: { label: "Program", topicName: "/data/ContactChangeEvent", state: "RUN", defaultReplay: "EARLIEST" },
});
for (const LastName of ["First", "Second"]) await rest("POST", "sobjects/Contact", { LastName });

const nameOf = (event) => event.payload.Name?.LastName;

async function hear() {
  const client = await connect();
  const events = await listen(
    (heard) => client.subscribeWithManagedSubscription("Program", (subscription, kind, data) => {
      heard({ ...subscription, client }, kind, data);
      if (kind === "event" && nameOf(data) === "First") {
        client.commitReplayId(subscription.subscriptionId, data.replayId);
      }
    }),
    (sofar) => nameOf(sofar.at(-1)) === "Second",
  );
  await new Promise((resolve) => setTimeout(resolve, 300)); // the commit is on its way
  client.close();
  return events.map(nameOf).filter((name) => ["First", "Second"].includes(name));
}

const first = await hear();
const again = await hear();
tell({ first, again });
process.exit(0);
