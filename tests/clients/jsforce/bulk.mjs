// The two Bulk APIs as jsforce speaks them: out of the org and into it.
import { logIn, tell } from "./session.mjs";

const connection = await logIn();
const version = process.argv[2];
const people = Array.from({ length: 5 }, (_, number) => ({ LastName: `Bulk ${version} ${number}`, Title: 'A "title", two' }));
const mine = `FROM Contact WHERE LastName LIKE 'Bulk ${version} %'`;
const deals = "SELECT Id, Amount, CloseDate FROM Opportunity";

async function version2() {
  connection.bulk2.pollInterval = 100;
  connection.bulk2.pollTimeout = 60_000;
  const load = (operation, input) => connection.bulk2.loadAndWaitForResults({ object: "Contact", operation, input });
  const counts = (results) => [results.successfulResults.length, results.failedResults.length];
  const rows = async (soql) => (await connection.bulk2.query(soql)).toArray();
  const inserted = await load("insert", [...people, { LastName: "", Title: "No name" }]);
  const ids = (await rows(`SELECT Id ${mine}`)).map((row) => ({ Id: row.Id }));
  const updated = await load("update", ids.map((row) => ({ ...row, Title: "Changed" })));
  const titles = await rows(`SELECT LastName, Title ${mine}`);
  const deleted = await load("delete", ids);
  return {
    counts: [inserted, updated, deleted].map(counts),
    failure: inserted.failedResults[0]?.sf__Error,
    titles: Object.fromEntries(titles.map((row) => [row.LastName, row.Title])),
    left: await rows(`SELECT Id ${mine}`),
    deals: await rows(deals),
  };
}

async function version1() {
  connection.bulk.pollInterval = 100;
  connection.bulk.pollTimeout = 60_000;
  const rows = async (soql) => (await connection.bulk.query(soql)).toArray();
  const inserted = await connection.bulk.load("Contact", "insert", people);
  const ids = inserted.map((row) => ({ Id: row.id }));
  const updated = await connection.bulk.load("Contact", "update", ids.map((row) => ({ ...row, Title: "Changed" })));
  const titles = await rows(`SELECT LastName, Title ${mine}`);
  const deleted = await connection.bulk.load("Contact", "delete", ids);
  return {
    success: [...inserted, ...updated, ...deleted].map((row) => row.success),
    titles: Object.fromEntries(titles.map((row) => [row.LastName, row.Title])),
    left: await rows(`SELECT Id ${mine}`),
    deals: await rows(deals),
  };
}

tell(version === "2.0" ? await version2() : await version1());
