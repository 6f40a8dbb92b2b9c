import { SESSION_PRELUDE } from "./lua-session.js";

/**
 * One stream: its head, and its events in a hash of their own, each under its offset (the payload) and, with a minus
 * before it (when it came, its bytes, its fence, what it is). Ages the stream before anything else is done with it.
 *
 * A head: l newest offset, o kept without holes from here, n events kept, b their bytes, i and t no event before is kept
 * and can be trimmed, f offsets of final events, e when it ended.
 */
const STREAM_PRELUDE = `${SESSION_PRELUDE}
local stream = arg()
local maxAge = number()
local heads = base .. ':h'

local function eventsOf(name) return base .. ':e:' .. name end

local function save(name, head) redis.call('HSET', heads, name, cmsgpack.pack(head)) end

local function forget(name)
  redis.call('HDEL', heads, name)
  redis.call('ZREM', base .. ':o', name)
  redis.call('ZREM', base .. ':z', name)
  redis.call('UNLINK', eventsOf(name))
end

-- When an event came, its bytes, its fence, its kind ('m' or 'c') and 'f' if it is final; nil if it is not kept.
local function header(events, offset)
  local packed = redis.call('HGET', events, '-' .. offset)
  if not packed then return nil end
  local came, bytes, fence, kind, final = string.match(packed, '^(%d+) (%d+) (%d+) (.)(.)$')
  return tonumber(came), tonumber(bytes), fence, kind, final
end

local function remove(events, head, offset, bytes)
  redis.call('HDEL', events, offset, '-' .. offset)
  head.n = head.n - 1
  head.b = head.b - bytes
  head.o = math.max(head.o, offset + 1)
  for place, final in ipairs(head.f) do
    if final == offset then table.remove(head.f, place) break end
  end
end

-- The oldest event kept: its offset and its header.
local function oldestOf(events, head)
  -- Below what can be trimmed only final events are kept: no need to look for others in a long hole.
  head.i = math.max(head.i, math.min(head.f[1] or head.t, head.t))
  while head.i <= head.l do
    local came, bytes, fence, kind, final = header(events, head.i)
    if came then return head.i, came, bytes, fence, kind, final end
    head.i = head.i + 1
  end
end

-- The oldest event that may be trimmed, below an offset: its offset and its bytes.
local function trimmableOf(events, head, below)
  while head.t < below do
    local came, bytes, _, _, final = header(events, head.t)
    if came and final ~= 'f' then return head.t, bytes end
    head.t = head.t + 1
  end
end

-- The head of a stream as it is now: without what is past its age; nil if it is not known (any more).
local function aged(name)
  local packed = redis.call('HGET', heads, name)
  if not packed then return nil end
  local head = cmsgpack.unpack(packed)
  local events, cut, before = eventsOf(name), now - maxAge, head.n
  if head.n > 0 and redis.call('EXISTS', events) == 0 then
    head.n, head.b, head.f, head.i, head.o = 0, 0, {}, head.l + 1, head.l + 1
  end
  while head.n > 0 do
    local offset, came, bytes = oldestOf(events, head)
    if not offset then head.n, head.b, head.f = 0, 0, {} break end
    if came > cut then break end
    remove(events, head, offset, bytes)
  end
  if head.e and head.n == 0 and head.e <= cut then
    forget(name)
    return nil
  end
  if head.n ~= before then save(name, head) end
  return head
end
`;

export const APPEND = `${STREAM_PRELUDE}
local left = life()
if not left then return {'gone'} end
local was = done()
if was then return {'ok', tonumber(was)} end
local fence, ends, refuses = arg(), arg() == '1', arg() == '1'
local maxEvents, maxBytes, maxEnded, own, count = number(), number(), number(), arg(), number()
if fence ~= '' and redis.call('HGET', base, 'f') ~= fence then return {'fenced'} end
if count > 0 then needMemory() end
local head, events = aged(stream), eventsOf(stream)
if head and head.e then return {'ended'} end
local isNew = not head
head = head or {l = 0, o = 1, n = 0, b = 0, i = 1, t = 1, f = {}}

local first, bytes, allFinal = at + 1, 0, true
for place = 0, count - 1 do
  bytes = bytes + tonumber(ARGV[first + 3 * place])
  if place < count - 1 and string.sub(ARGV[first + 3 * place + 1], 2) ~= 'f' then allFinal = false end
end
if refuses and (head.n + count > maxEvents or head.b + bytes > maxBytes) then
  local trimsKept = count > 0 and trimmableOf(events, head, head.l + 1)
  if trimsKept or not allFinal then return {'full'} end
end

if isNew then
  redis.call('UNLINK', events)
  redis.call('ZADD', base .. ':o', redis.call('HINCRBY', base, 'q', 1), stream)
end
local came = string.format('%.0f ', now)
for place = 0, count - 1 do
  local size, kind, payload = ARGV[first + 3 * place], ARGV[first + 3 * place + 1], ARGV[first + 3 * place + 2]
  head.l = head.l + 1
  redis.call('HSET', events, head.l, payload, '-' .. head.l,
    came .. size .. ' ' .. (fence == '' and '0' or fence) .. ' ' .. kind)
  head.n = head.n + 1
  head.b = head.b + tonumber(size)
  if string.sub(kind, 2) == 'f' then table.insert(head.f, head.l) end
end
if count > 0 then redis.call('PEXPIRE', events, ttl(maxAge)) end
while head.n > maxEvents or head.b > maxBytes do
  local offset, size = trimmableOf(events, head, head.l)
  if not offset then break end
  remove(events, head, offset, size)
end
if ends then
  head.e = now
  redis.call('ZREM', base .. ':o', stream)
  redis.call('ZADD', base .. ':z', redis.call('HINCRBY', base, 'q', 1), stream)
end
save(stream, head)
remember(head.l)
if isNew or ends then keep(left) end

-- The streams that ended first are forgotten first: those that are too many, and of the others those past their age.
while redis.call('ZCARD', base .. ':z') > maxEnded do
  forget(redis.call('ZRANGE', base .. ':z', 0, 0)[1])
end
for _ = 1, 4 do
  local oldest = redis.call('ZRANGE', base .. ':z', 0, 0)[1]
  if not oldest or aged(oldest) then break end
end
wake(own, stream)
return {'ok', head.l}
`;

/** Returns: page, ended (0 or 1), then header and payload of each event | gap, oldest | unknown */
export const READ = `${STREAM_PRELUDE}
local after, maxEvents, maxBytes = number(), number(), number()
local head = life() and aged(stream)
if not head then return {'unknown'} end
local events = eventsOf(stream)
if after > head.l or (after < head.l and redis.call('HEXISTS', events, '-' .. (after + 1)) == 0) then
  return {'gap', head.o}
end
local page, read, bytes = {'page', 0}, 0, 0
while read < maxEvents and after + read < head.l do
  local offset = after + read + 1
  local came, size, fence, kind, final = header(events, offset)
  if not came then break end
  bytes = bytes + size
  if read > 0 and bytes > maxBytes then break end
  read = read + 1
  table.insert(page, fence .. ' ' .. kind .. final)
  table.insert(page, redis.call('HGET', events, offset))
end
if head.e and after + read == head.l then page[2] = 1 end
return page
`;

/** Returns: offset, header and payload of each */
export const FINALS = `${STREAM_PRELUDE}
local head = life() and aged(stream)
local found = {}
for _, offset in ipairs(head and head.f or {}) do
  local _, _, fence, kind, final = header(eventsOf(stream), offset)
  table.insert(found, offset)
  table.insert(found, fence .. ' ' .. kind .. final)
  table.insert(found, redis.call('HGET', eventsOf(stream), offset))
end
return found
`;

/** Returns: newest, oldest, ended (0 or 1); nothing if it is unknown */
export const HEAD = `${STREAM_PRELUDE}
local head = life() and aged(stream)
return head and {head.l, head.o, head.e and 1 or 0} or {}
`;

export const TRIM = `${STREAM_PRELUDE}
if not life() then return {'gone'} end
local fence, upTo = arg(), number()
if redis.call('HGET', base, 'f') ~= fence then return {'fenced'} end
local head, events = aged(stream), eventsOf(stream)
while head do
  local offset, _, bytes = oldestOf(events, head)
  if not offset or offset > upTo then break end
  remove(events, head, offset, bytes)
end
if head then save(stream, head) end
return {'ok'}
`;

/**
 * Remembers what it has taken: should its answer get lost, nobody else has it any more.
 * Returns: ok, whether something is left (0 or 1), then offset, header and payload of each | fenced | gone
 */
export const TAKE = `${STREAM_PRELUDE}
if not life() then return {'gone'} end
local was = done()
if was then return cmsgpack.unpack(was) end
local owner, maxEvents, maxBytes = arg(), number(), number()
if redis.call('HGET', base, 'f') ~= owner then return {'fenced'} end
local head, events = aged(stream), eventsOf(stream)
local result, taken, read = {'ok', 0}, 0, 0
while head and head.n > 0 and taken < maxEvents do
  local offset, _, bytes, fence, kind, final = oldestOf(events, head)
  if not offset then break end
  read = read + bytes
  if taken > 0 and read > maxBytes then break end
  taken = taken + 1
  table.insert(result, offset)
  table.insert(result, fence .. ' ' .. kind .. final)
  table.insert(result, redis.call('HGET', events, offset))
  remove(events, head, offset, bytes)
end
if taken > 0 then
  if head.n > 0 then result[2] = 1 end
  save(stream, head)
  remember(cmsgpack.pack(result))
end
return result
`;

/** Ids of the session's streams that have not ended, oldest first. */
export const OPEN_STREAMS = `${SESSION_PRELUDE}
return life() and redis.call('ZRANGE', base .. ':o', 0, -1) or {}
`;
