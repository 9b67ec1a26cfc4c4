#include "gateway/timer_record.h"

#include "base/json.h"
#include "gateway/db.h"

char *
timer_record(struct json *j, const struct db_rows *r, int row)
{
	char *text;

	json_put_text(j, "code", db_text(r, row, "code"));
	json_put_time(j, "due_at", db_time(r, row, "due_at"));
	json_put_int(j, "round", db_int(r, row, "round"));
	text = json_write_sorted(j);
	json_free(j);
	return text;
}
