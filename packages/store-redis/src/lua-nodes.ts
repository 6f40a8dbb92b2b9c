/** A node's heartbeat. ARGV as in every script: the time (empty: the server's), the call's token, then the arguments. */
export const HEARTBEAT = `
local faked = tonumber(ARGV[1])
redis.call('SET', KEYS[1], faked and faked + ARGV[3] or '', 'PX', faked and 600000 or ARGV[3])
return 'ok'
`;

/** Returns: 1 while the node's last heartbeat has not run out */
export const IS_ALIVE = `
local until_ = redis.call('GET', KEYS[1])
if not until_ then return 0 end
return (until_ == '' or tonumber(until_) > tonumber(ARGV[1])) and 1 or 0
`;

/** Publishes from the one server that has the channel's name among its slots: what one publisher says stays in order. */
export const PUBLISH = `
return redis.call('PUBLISH', KEYS[1], ARGV[3])
`;
