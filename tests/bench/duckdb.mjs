// duckdb.mjs SQL: runs it in DuckDB, in memory, and prints the rows as JSON, one a line.
// The folder in DBM_DUCKDB has the node_modules that @duckdb/node-api was installed in.
import { createRequire } from "node:module";
import { join } from "node:path";

const { DuckDBInstance } = createRequire(join(process.env.DBM_DUCKDB, "x.js"))("@duckdb/node-api");
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const result = await connection.runAndReadAll(process.argv[2]);
for (const row of result.getRowObjectsJson())
	console.log(JSON.stringify(row));
