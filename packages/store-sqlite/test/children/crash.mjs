// Makes a SQLite database of another program in WAL mode, and dies before it is copied from the WAL into the file.
import Database from "better-sqlite3";

const db = new Database(process.argv[2]);
db.pragma("journal_mode = WAL");
db.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
process.kill(process.pid, "SIGKILL");
