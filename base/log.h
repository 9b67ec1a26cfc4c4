#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * What the operator reads: one JSON object a line, with the time, the level,
 * the trace id of the request that is being served on this thread, and a
 * message that names its subject first.  log_warn() and fatal() add errno's
 * text, those with an x do not.  fatal() ends the process, and the supervisor
 * starts it again.
 *
 * No message holds a secret, a body or a whole identity number.
 */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN };

#define LOG_PRINTF __attribute__((format(printf, 1, 2)))

void log_open(int fd, enum log_level least);
void log_set_level(enum log_level least);

/* The trace id of what this thread does now; "" for none.  Copied. */
void log_trace(const char *trace_id);
const char *log_trace_id(void);

void log_debug(const char *fmt, ...) LOG_PRINTF;
void log_info(const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *fmt, ...) LOG_PRINTF;
void log_warnx(const char *fmt, ...) LOG_PRINTF;
_Noreturn void fatal(const char *fmt, ...) LOG_PRINTF;
_Noreturn void fatalx(const char *fmt, ...) LOG_PRINTF;

#endif /* BASE_LOG_H */
