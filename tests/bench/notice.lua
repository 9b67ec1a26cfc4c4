-- wrk: each line of BENCH_FILE once, the query of a notice.
local threads = tonumber(os.getenv("BENCH_THREADS"))
local started = 0

function setup(thread)
	thread:set("first", started)
	started = started + 1
end

function init(args)
	queries = {}
	local i = 0
	for line in io.lines(os.getenv("BENCH_FILE")) do
		if i % threads == first then queries[#queries + 1] = line end
		i = i + 1
	end
	n, got = 0, 0
end

-- wrk asks once before it begins, and sends nothing: what that took comes
-- last, when the rest has been sent.
function request()
	n = n % #queries + 1
	return wrk.format("GET", "/v1/payments/callbacks/vnpay?" .. queries[n],
		{ ["Host"] = "localhost" })
end

function response()
	got = got + 1
	if got == #queries then wrk.thread:stop() end
end
