-- bucket.py's algorithm inside Redis, where it runs as one step on the server's own clock. Names are the same.
-- KEYS[1]: hash of a salt and one packed bucket for each account and operation.
-- ARGV: act, account, operation, a salt in case there is none, the time ('' for the server's), the plan as one
--       text (documented rate, burst, jitter, 1 where a new bucket begins empty), and values of the act.
-- Answers a turn as one text too, because Redis cuts numbers to integers and each part of an answer costs time.

local HEARTBEAT, SHORTEST_GRACE, LONGEST_GRACE = 1, 0.1, 0.5
local IDLE, BAND, CLOCK_WENT_BACK, ROUNDING, MOST_DOUBLINGS = 3600, 10, 1, 1e-6, 7
local KEPT_SECONDS = 86400

local act, fresh_salt = ARGV[1], ARGV[4]
local values = {unpack(ARGV, 7)}

local now = tonumber(ARGV[5])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1e6
end

local salt = redis.call('HGET', KEYS[1], 'salt')
if not salt then
  salt = fresh_salt
  redis.call('HSET', KEYS[1], 'salt', salt)
end
local account = string.sub(redis.sha1hex(salt .. ARGV[2]), 1, 24)

local function text(number)
  return string.format('%.17g', number)
end

local function slack(b)
  return b.burst - b.per_second * b.jitter
end

local function capacity(b)
  return math.max(1, slack(b))
end

local function interval(b)
  local seconds = 1 / b.per_second
  if slack(b) < 1 then
    seconds = seconds + b.jitter - (b.burst - 1) / b.per_second
  end
  return seconds
end

local function grace(b)
  return math.min(math.max(capacity(b) * interval(b), SHORTEST_GRACE), LONGEST_GRACE)
end

local function arrive(b)
  if now < b.at - CLOCK_WENT_BACK then
    b.level, b.at, b.paused_until, b.line = 0, now, now, {}
  elseif now - b.at > math.max(IDLE, capacity(b) * interval(b)) then
    b.per_second, b.level, b.line = b.documented, math.huge, {}
  end
  local instant = math.max(now, b.at)
  b.level = math.min(capacity(b), b.level + (instant - b.at) / interval(b))
  b.at = instant
  local line = {}
  for _, ticket in ipairs(b.line) do
    if instant < ticket[2] + grace(b) then
      line[#line + 1] = ticket
    end
  end
  b.line = line
end

local function wait_at(b, place)
  local missing = place + 1 - b.level
  return math.max(missing > ROUNDING and missing * interval(b) or 0, b.paused_until - now)
end

local function turn(b, granted, joined, seconds, back_in, others)
  return string.format('%d %d %.17g %.17g %.17g %.17g%s', granted and 1 or 0, joined and 1 or 0, seconds, back_in,
    interval(b), b.per_second, others or '')
end

local function peek(b)
  return turn(b, false, false, math.max(wait_at(b, #b.line), 0), 0)
end

local acts = {peek = peek}

function acts.ask(b)
  local id, waiting, patience = values[1], tonumber(values[2]), tonumber(values[3])
  local place = #b.line
  for number, ticket in ipairs(b.line) do
    if ticket[1] == id then
      place = number - 1
    end
  end
  local seconds = wait_at(b, place)
  if seconds <= 0 then
    b.level = b.level - 1
    table.remove(b.line, place + 1)
    return turn(b, true, false, 0, 0)
  end
  if seconds > patience then
    table.remove(b.line, place + 1)
    return turn(b, false, false, seconds, 0)
  end
  local back_in = math.min(seconds, HEARTBEAT)
  b.line[place + 1] = {id, now + back_in, waiting}
  local others = ''
  for number, ticket in ipairs(b.line) do
    if number ~= place + 1 then
      others = others .. string.format(' %d', number <= place and ticket[3] - 1 or ticket[3])
    end
  end
  return turn(b, false, true, seconds, back_in, others)
end

function acts.leave(b)
  for number, ticket in ipairs(b.line) do
    if ticket[1] == values[1] then
      table.remove(b.line, number)
      break
    end
  end
  return peek(b)
end

function acts.refund(b)
  if b.paused_until <= now then
    b.level = b.level + 1
  end
  return peek(b)
end

function acts.drain(b)
  b.level = math.min(b.level, 0)
  return peek(b)
end

function acts.follow(b)
  b.per_second = math.min(math.max(tonumber(values[1]), b.documented / BAND), b.documented * BAND)
  if b.paused_until > now then
    b.level = 1 - (b.paused_until - now) / interval(b)
  end
  return peek(b)
end

function acts.pause(b)
  local doubled = interval(b) * 2 ^ (math.min(tonumber(values[2]), MOST_DOUBLINGS) - 1)
  local seconds = math.max(tonumber(values[1]), doubled, b.paused_until - now)
  b.level = math.min(b.level, 1 - seconds / interval(b))
  b.paused_until = now + seconds
  return peek(b)
end

local function load(name)
  local packed = redis.call('HGET', KEYS[1], name)
  local whole, b = pcall(cmsgpack.unpack, packed or '')
  if not whole or type(b) ~= 'table' or type(b.line) ~= 'table' then
    return nil, packed
  end
  for _, number in ipairs({'per_second', 'level', 'at', 'paused_until', 'documented', 'burst', 'jitter'}) do
    if type(b[number]) ~= 'number' then
      return nil, packed
    end
  end
  return b, packed
end

if act == 'list' then
  local found = {account, text(now)}
  for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
    local b = load(name)
    if b then
      local line = {}
      for number, ticket in ipairs(b.line) do
        line[number] = {ticket[1], text(ticket[2]), ticket[3]}
      end
      found[#found + 1] = {name, text(b.documented), b.burst, text(b.jitter), text(b.per_second), text(b.level),
        text(b.at), text(b.paused_until), line}
    end
  end
  return found
end

local name = account .. '/' .. ARGV[3]
local b, packed = load(name)
local rate, burst, jitter, empty = string.match(ARGV[6], '(%S+) (%S+) (%S+) (%S+)')
if not b then
  -- One that cannot be read was used, and its tokens may be gone.
  local level = (packed or empty == '1') and 0 or math.huge
  b = {per_second = tonumber(rate), level = level, at = now, paused_until = now, line = {}}
end
b.documented, b.burst, b.jitter = tonumber(rate), tonumber(burst), tonumber(jitter)
arrive(b)
local answer = acts[act](b)
redis.call('HSET', KEYS[1], name, cmsgpack.pack(b))
redis.call('EXPIRE', KEYS[1], KEPT_SECONDS)
return answer
