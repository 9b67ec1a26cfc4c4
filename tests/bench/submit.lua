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
	n, got, want = from + first, 0, 0
	for i = from + first, total - 1, threads do want = want + 1 end
end

-- wrk asks once before it begins, and sends nothing: what that took comes
-- last, when the rest has been sent.
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

function response()
	got = got + 1
	if got == want then wrk.thread:stop() end
end
