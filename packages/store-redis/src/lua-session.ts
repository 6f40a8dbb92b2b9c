/** The server's clock, Unix time in ms. */
export const CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/**
 * What every script begins with. KEYS[1] is the session's first key, from which the others are made; ARGV begins with the
 * time (empty: the server's) and a token that names the call, so that one which is sent twice is done once.
 */
export const SESSION_PRELUDE = `${CLOCK}
local base, at = KEYS[1], 0
local function arg() at = at + 1 return ARGV[at] end
local function number() return tonumber(arg()) end
local faked = number()
local now = faked or clock()
local token = arg()

-- Under a faked clock keys must not expire by the real one.
local function ttl(ms) return faked and 600000 or math.max(1, math.ceil(ms)) end

local function purge()
  for _, stream in ipairs(redis.call('HKEYS', base .. ':h')) do
    redis.call('UNLINK', base .. ':e:' .. stream)
  end
  redis.call('UNLINK', base, base .. ':h', base .. ':o', base .. ':z')
end

-- Ms that the session has to live; nil if there is none.
local function life()
  local expires = redis.call('HGET', base, 'x')
  if not expires then return nil end
  local left = tonumber(expires) - now
  if left > 0 then return left end
  purge()
  return nil
end

local function keep(left)
  for _, part in ipairs({'', ':h', ':o', ':z'}) do
    redis.call('PEXPIRE', base .. part, ttl(left))
  end
end

local function reply(outcome)
  return {outcome, unpack(redis.call('HMGET', base, 'i', 'p', 'n', 'f', 'v', 'c', 'x', 's', 't'))}
end

-- What this call did before, should its answer have got lost; other calls may have come in between.
local function done() return redis.call('GET', base .. ':t:' .. token) end
local function remember(result) redis.call('SET', base .. ':t:' .. token, result, 'PX', 10000) end

-- Redis refuses what needs memory only while a script has written nothing: so this comes before what frees some.
local function needMemory() redis.call('HINCRBY', base, 'q', 0) end

-- Tells the other handles that watch the session; an empty stream stands for all.
local function wake(own, stream)
  local name = string.match(base, '{s:(.*)}$')
  for _, channel in ipairs(redis.call('ZRANGEBYSCORE', base .. ':w', clock(), '+inf')) do
    if channel ~= own then redis.call('PUBLISH', channel, name .. ' ' .. stream) end
  end
end
`;

export const CREATE = `${SESSION_PRELUDE}
if life() then return done() and reply('ok') or reply('exists') end
needMemory()
purge()
local id, principal, node, left, shape, state = arg(), arg(), arg(), number(), arg(), arg()
redis.call('HSET', base, 'i', id, 'p', principal, 'n', node, 'f', 1, 'v', 1, 'c', now, 'x', now + left,
  's', shape, 't', state)
remember('')
keep(left)
return reply('ok')
`;

export const GET = `${SESSION_PRELUDE}
return life() and reply('ok') or {'gone'}
`;

export const UPDATE = `${SESSION_PRELUDE}
if not life() then return {'gone'} end
if done() then return reply('ok') end
local fence, version = arg(), arg()
if redis.call('HGET', base, 'f') ~= fence then return {'fenced'} end
if version ~= '' and redis.call('HGET', base, 'v') ~= version then return reply('conflict') end
for _, field in ipairs({'s', 't'}) do
  local value = arg()
  if value ~= '' then redis.call('HSET', base, field, value) end
end
redis.call('HINCRBY', base, 'v', 1)
remember('')
return reply('ok')
`;

export const TOUCH = `${SESSION_PRELUDE}
local left = life()
if not left then return {'gone'} end
local wanted = number()
if wanted > left then
  redis.call('HSET', base, 'x', now + wanted)
  keep(wanted)
end
return reply('ok')
`;

export const CLAIM = `${SESSION_PRELUDE}
if not life() then return {'gone'} end
if done() then return reply('ok') end
local fence, node = arg(), arg()
if redis.call('HGET', base, 'f') ~= fence then return reply('lost') end
redis.call('HINCRBY', base, 'f', 1)
redis.call('HSET', base, 'n', node)
remember('')
return reply('ok')
`;

export const RELEASE = `${SESSION_PRELUDE}
if not life() then return {'gone'} end
if redis.call('HGET', base, 'f') ~= arg() then return {'fenced'} end
redis.call('HSET', base, 'n', arg())
return {'ok'}
`;

export const TERMINATE = `${SESSION_PRELUDE}
local left, fence, own = life(), arg(), arg()
if not left then return {done() and 'ok' or 'gone'} end
if fence ~= '' and redis.call('HGET', base, 'f') ~= fence then return {'fenced'} end
local result = reply('ok')
purge()
remember('')
wake(own, '')
return result
`;

/**
 * Registers a handle's channel with a session, whether it exists or not.
 * Returns: 1 if it was not registered (any more), then the ms that the session has to live, or -1
 */
export const WATCH = `${SESSION_PRELUDE}
local channel, lease = arg(), number()
redis.call('ZREMRANGEBYSCORE', base .. ':w', '-inf', clock())
local added = redis.call('ZADD', base .. ':w', clock() + lease, channel)
redis.call('PEXPIRE', base .. ':w', lease)
return {added, life() or -1}
`;

export const UNWATCH = `${SESSION_PRELUDE}
return redis.call('ZREM', base .. ':w', arg())
`;
