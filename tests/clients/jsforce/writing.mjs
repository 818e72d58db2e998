// What a program writes with jsforce: records alone, by the hundred, by external id, and in composite requests.
import { VERSION, logIn, refusal, tell } from "./session.mjs";

const connection = await logIn();
const accounts = connection.sobject("Account");
const made = await accounts.create({ Name: "Written", Industry: "Biotechnology" });
const updated = await accounts.update({ Id: made.id, NumberOfEmployees: 12, Industry: null });
const changed = await accounts.retrieve(made.id);
const many = await connection.sobject("Contact").create(
  Array.from({ length: 250 }, (_, number) => ({ LastName: `Many ${number}`, AccountId: made.id })),
  { allowRecursive: true },
);
const mixed = await connection.sobject("Contact").create([{ LastName: "Good", AccountId: made.id }, { FirstName: "Bad" }]);
const composite = await connection.requestPost(`/services/data/v${VERSION}/composite`, {
  allOrNone: true,
  compositeRequest: [
    {
      method: "POST",
      url: `/services/data/v${VERSION}/sobjects/Opportunity`,
      referenceId: "deal",
      body: { Name: "Composite", StageName: "Prospecting", CloseDate: "2031-05-06", AccountId: made.id },
    },
    { method: "PATCH", url: `/services/data/v${VERSION}/sobjects/Opportunity/@{deal.id}`, referenceId: "raise", body: { Amount: 12.5 } },
    { method: "GET", url: `/services/data/v${VERSION}/sobjects/Opportunity/@{deal.id}?fields=Amount,CloseDate`, referenceId: "read" },
  ],
});
const now = new Date();
const span = [new Date(now - 600_000).toISOString(), new Date(+now + 120_000).toISOString()];
const stray = await accounts.create({ Name: "Stray" });
const upserted = await accounts.upsert({ Id: stray.id, Site: "North" }, "Id");
const gone = await accounts.destroy(stray.id);
const before = await connection.sobject("Contact").count({ AccountId: made.id });
const removed = await connection.sobject("Contact").find({ AccountId: made.id, LastName: { $like: "Many%" } }, "Id").destroy();
tell({
  made: made.success,
  account: made.id,
  updated: updated.success,
  changed: [changed.Name, changed.NumberOfEmployees, changed.Industry],
  many: many.filter((each) => each.success).length,
  mixed: mixed.map((each) => [each.success, each.errors.map((error) => error.statusCode)]),
  composite: composite.compositeResponse.map((each) => each.httpStatusCode),
  read: [composite.compositeResponse[2].body.Amount, composite.compositeResponse[2].body.CloseDate],
  upserted: upserted.success,
  gone: gone.success,
  refused: await refusal(() => connection.sobject("Contact").create({ FirstName: "Nobody" })),
  updatedIds: (await accounts.updated(...span)).ids.includes(made.id),
  deletedIds: (await accounts.deleted(...span)).deletedRecords.map((each) => each.id).includes(stray.id),
  before,
  removed: removed.filter((each) => each.success).length,
});
