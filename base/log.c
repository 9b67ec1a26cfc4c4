#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define LINE_MAX_LEN 2048

static int log_fd = STDERR_FILENO;
static enum log_level log_least = LOG_INFO;
static _Thread_local char trace[33];

static const char *const level_names[] = { "debug", "info", "warn", "fatal" };
#define LEVEL_FATAL 3

void
log_open(int fd, enum log_level least)
{
	log_fd = fd;
	log_least = least;
}

void
log_set_level(enum log_level least)
{
	log_least = least;
}

void
log_trace(const char *trace_id)
{
	snprintf(trace, sizeof(trace), "%s", trace_id);
}

const char *
log_trace_id(void)
{
	return trace;
}

/* Control bytes would let a stranger write lines of his own (ASVS 16.4.1),
 * and what is not UTF-8 would make the line no JSON. */
static size_t
escape(char *out, size_t cap, const char *s)
{
	bool utf8 = text_is_utf8(s, strlen(s));
	size_t n = 0;

	for (; *s != '\0' && n + 7 < cap; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)c;
		} else if (c < 0x20 || c == 0x7f) {
			n += (size_t)snprintf(out + n, cap - n, "\\u%04x", c);
		} else {
			out[n++] = c < 0x80 || utf8 ? (char)c : '?';
		}
	}
	out[n] = '\0';
	text_cut(out);
	return strlen(out);
}

__attribute__((format(printf, 3, 0))) static void
say(unsigned level, int error, const char *fmt, va_list ap)
{
	char msg[1024], safe[LINE_MAX_LEN - 256], line[LINE_MAX_LEN];
	char stamp[CLOCK_RFC3339_LEN];
	int len;

	len = vsnprintf(msg, sizeof(msg), fmt, ap);
	text_cut(msg);
	if (error != 0 && len >= 0 && (size_t)len < sizeof(msg))
		snprintf(msg + len, sizeof(msg) - (size_t)len, ": %s",
		    strerror(error));
	escape(safe, sizeof(safe), msg);
	clock_rfc3339(clock_now_us(), stamp);
	len = snprintf(line, sizeof(line),
	    "{\"ts\":\"%s\",\"level\":\"%s\",\"trace_id\":\"%s\","
	    "\"msg\":\"%s\"}\n",
	    stamp, level_names[level], trace, safe);
	/* One write a line; a log that is full or gone stops nobody. */
	if (len > 0 && write(log_fd, line, (size_t)len) < 0)
		return;
}

#define SAY(level, error)                                                      \
	do {                                                                   \
		va_list ap;                                                    \
		va_start(ap, fmt);                                             \
		say(level, error, fmt, ap);                                    \
		va_end(ap);                                                    \
	} while (0)

void
log_debug(const char *fmt, ...)
{
	if (log_least <= LOG_DEBUG)
		SAY(LOG_DEBUG, 0);
}

void
log_info(const char *fmt, ...)
{
	if (log_least <= LOG_INFO)
		SAY(LOG_INFO, 0);
}

void
log_warn(const char *fmt, ...)
{
	SAY(LOG_WARN, errno);
}

void
log_warnx(const char *fmt, ...)
{
	SAY(LOG_WARN, 0);
}

void
fatal(const char *fmt, ...)
{
	SAY(LEVEL_FATAL, errno);
	exit(70);
}

void
fatalx(const char *fmt, ...)
{
	SAY(LEVEL_FATAL, 0);
	exit(70);
}
