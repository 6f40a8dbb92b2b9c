import { RedisServer } from "./redis-server.js";

/** Starts one Redis for all tests of a run that need any, unless REDIS_URL names one. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.REDIS_URL) return async () => {};
  const server = await RedisServer.start();
  process.env.REDIS_URL = server.url;
  return () => server.stop();
}
