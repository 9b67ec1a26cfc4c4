-- wrk: the documents of BENCH_DIR from BENCH_FROM up to BENCH_TOTAL, as
-- POST /v1/dossiers; each of BENCH_THREADS takes its share.
local dir = os.getenv("BENCH_DIR")
local threads = tonumber(os.getenv("BENCH_THREADS"))
local from = tonumber(os.getenv("BENCH_FROM"))
local total = tonumber(os.getenv("BENCH_TOTAL"))
local started = 0

function setup(thread)
	thread:set("first", started)
	started = started + 1
end

local function slurp(path)
	local f = assert(io.open(path, "rb"))
	local bytes = f:read("*a")
	f:close()
	return bytes
end

function init(args)
	head = slurp(dir .. "/head")
	tail = slurp(dir .. "/tail")
	key = slurp(dir .. "/key")
	n = from + first
end

-- Beyond the last one the first is asked again, by its key, until the bench
-- has seen that all have come in.
function request()
	if n >= total then n = from + first end
	local i = n
	n = n + threads
	return wrk.format("POST", "/v1/dossiers", {
		["Host"] = "localhost",
		["Authorization"] = "Bearer " .. key,
		["Content-Type"] = "multipart/form-data; boundary=bench",
		["Idempotency-Key"] = '"bench-' .. i .. '"',
	}, head .. slurp(dir .. "/" .. i .. ".pdf") .. tail)
end
