import { CLOCK } from "./lua-session.js";

/** An index of sessions, by expiry and in the order of creation. It lies in another slot than they do. */
const INDEX_PRELUDE = `${CLOCK}
local index = KEYS[1]
local byExpiry, byCreation = index .. ':x', index .. ':c'
local faked = tonumber(ARGV[1])
local now = faked or clock()
local member = ARGV[3]

-- The index lives as long as the session in it that lives longest.
local function keep(left)
  local most = math.max(left, redis.call('PTTL', byExpiry))
  if faked then most = 600000 end
  redis.call('PEXPIRE', byExpiry, math.ceil(most))
  redis.call('PEXPIRE', byCreation, math.ceil(most))
end

local function add()
  local newest = redis.call('ZREVRANGE', byCreation, 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', byCreation, math.max(now * 1000, newest and tonumber(newest) + 1 or 0), member)
end

local function drop(name)
  redis.call('ZREM', byExpiry, name)
  redis.call('ZREM', byCreation, name)
end

-- That a session has ended: a touch from before may come after.
local function ended() return index .. ':g:' .. member end
`;

/** Makes room for a session before it is created. Returns: added | had (it is in there already) | full */
export const RESERVE = `${INDEX_PRELUDE}
local left, max = tonumber(ARGV[4]), tonumber(ARGV[5])
-- Redis refuses what needs memory only while a script has written nothing: so this comes before what frees some.
redis.call('SET', ended(), '', 'PX', 1)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', byExpiry, '-inf', now)) do drop(name) end
redis.call('UNLINK', ended())
local had = redis.call('ZSCORE', byExpiry, member)
if not had and redis.call('ZCARD', byExpiry) >= max then return 'full' end
redis.call('ZADD', byExpiry, 'GT', now + left, member)
add()
keep(left)
return had and 'had' or 'added'
`;

/** Tells the index that a session lives longer. */
export const REFRESH = `${INDEX_PRELUDE}
local expires = tonumber(ARGV[4])
if redis.call('EXISTS', ended()) == 1 then return 'ended' end
redis.call('ZADD', byExpiry, 'GT', expires, member)
if not redis.call('ZSCORE', byCreation, member) then add() end
keep(expires - now)
return 'ok'
`;

export const REMOVE = `${INDEX_PRELUDE}
drop(member)
if ARGV[4] == 'ended' then redis.call('SET', ended(), '', 'PX', 10000) end
return 'ok'
`;

/** Returns: member and number of each session below a number, newest first */
export const PAGE = `${INDEX_PRELUDE}
return redis.call('ZREVRANGEBYSCORE', byCreation, '(' .. ARGV[4], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[5])
`;
