// A program that follows the org: what happened before, what happens now, and, later, what happened meanwhile.
import { connect, listen, rest, tell } from "./session.mjs";

const topic = "/data/ChangeEvents";
const first = await connect();
let account;
const events = await listen(
  (heard) => first.subscribeFromEarliestEvent(topic, heard),
  (sofar) => {
    const last = sofar.at(-1).payload;
    if (last.Name === "Before") {
      act();
    }
    return last.ChangeEventHeader.changeType === "DELETE";
  },
);
first.close();

async function act() {
  account = (await rest("POST", "sobjects/Account", { Name: "Now", BillingCity: "Bern", NumberOfEmployees: 12 })).id;
  await rest("PATCH", `sobjects/Account/${account}`, { Industry: "Banking", BillingCity: null, BillingStreet: "Lane 1" });
  await rest("POST", "sobjects/Contact", { FirstName: "Ada", LastName: "Berg", AccountId: account, Birthdate: "1980-02-29" });
  await rest("DELETE", `sobjects/Account/${account}`);
}

await rest("POST", "sobjects/Account", { Name: "Meanwhile" });
const second = await connect();
const seen = events.at(-1).replayId;
const later = await listen(
  (heard) => second.subscribeFromReplayId(topic, heard, 10, seen),
  (sofar) => sofar.some((each) => each.payload.Name === "Meanwhile"),
);
second.close();

tell({ account, events, later });
process.exit(0);
