// What a program reads with jsforce: queries through all pages, finds, describes, limits, a search.
import { logIn, refusal, tell } from "./session.mjs";

const connection = await logIn();
const deals = await connection
  .query("SELECT Id, Name, Amount, Account.Name FROM Opportunity")
  .run({ autoFetch: true, maxFetch: 10_000, headers: { "Sforce-Query-Options": "batchSize=200" } });
const streamed = await new Promise((resolve, reject) => {
  const names = [];
  connection
    .query("SELECT Name FROM Product2 ORDER BY Name")
    .on("record", (record) => names.push(record.Name))
    .on("end", () => resolve(names))
    .on("error", reject)
    .run();
});
const won = await connection
  .sobject("Opportunity")
  .find({ IsWon: true, Amount: { $gt: 50_000 } }, ["Id"])
  .sort({ Amount: -1 })
  .limit(10);
const counted = await connection.sobject("Opportunity").count({ IsWon: true });
const first = (await connection.query("SELECT Id FROM Contact LIMIT 1")).records[0].Id;
const two = (await connection.query("SELECT Id FROM Account LIMIT 2")).records.map((record) => record.Id);
const contact = await connection.sobject("Contact").retrieve(first);
const accounts = await connection.sobject("Account").retrieve(two);
const deal = await connection.sobject("Opportunity").describe();
const lead = await connection.sobject("Lead").create({ LastName: "Searchable", Company: "Somewhere" });
const found = await connection.search("FIND {Searchable} IN ALL FIELDS RETURNING Lead(Id, Name)");
const limits = await connection.limits();
const versions = await connection.request("/services/data");

tell({
  deals: Object.fromEntries(deals.records.map((each) => [each.Id, [each.Name, each.Amount, each.Account?.Name ?? null]])),
  totalSize: deals.totalSize,
  streamed,
  won: won.map((each) => each.Id),
  counted,
  contact: { Id: contact.Id, LastName: contact.LastName, Email: contact.Email },
  accounts: accounts.map((each) => each.Id).join() === two.join(),
  objects: (await connection.describeGlobal()).sobjects.map((each) => each.name),
  stages: deal.fields.find((field) => field.name === "StageName").picklistValues.map((value) => value.value),
  children: deal.childRelationships.map((each) => each.relationshipName),
  found: found.searchRecords.map((each) => [each.Id === lead.id, each.Name]),
  limits: limits.DailyApiRequests,
  usage: connection.limitInfo.apiUsage,
  versions: versions.map((each) => each.version),
  refused: [
    await refusal(() => connection.query("SELECT Naem FROM Account")),
    await refusal(() => connection.sobject("Nothing").describe()),
    await refusal(() => connection.sobject("Contact").retrieve("003000000000001AAA")),
  ],
});
