#ifndef GATEWAY_TIMER_RECORD_H
#define GATEWAY_TIMER_RECORD_H

/*
 * What the event of a timer that fired says, of a dossier or of feedback: code,
 * due_at and round of the row, beside what j has, which it takes over.  Its
 * keys are in order, since it is hashed.
 */
struct db_rows;
struct json;

/* The caller frees. */
char *timer_record(struct json *j, const struct db_rows *r, int row);

#endif /* GATEWAY_TIMER_RECORD_H */
