#include "gateway/slip_check.h"

#include <string.h>

#include "base/base.h"

/* A refusal's reason is for a citizen: a word alone, or what a program says
 * when it fails, is none. */
static bool
is_for_people(const char *reason)
{
	static const char *const marks[] = { "ERR_", "HTTP ", "SQLSTATE",
		"Exception", "exception", "stack trace", "0x", "errno" };

	for (size_t i = 0; i < nitems(marks); i++)
		if (strstr(reason, marks[i]) != NULL)
			return false;
	return strchr(reason, ' ') != NULL;
}

static const char *
missing_in_01(const struct slip_facts *f)
{
	if (f->accepted_us == 0)
		return "chưa tiếp nhận / not accepted";
	if (f->original_due_us == 0 || f->new_due_us != f->original_due_us)
		return "ngày hẹn trả không khớp với hồ sơ / the due date is "
		       "not the dossier's";
	return NULL;
}

static const char *
missing_in_02(const struct slip_facts *f)
{
	if (f->reason[0] == '\0')
		return "thiếu nội dung yêu cầu / no content of the request";
	if (f->ground[0] == '\0')
		return "thiếu căn cứ pháp lý / no legal ground";
	if (f->officer[0] == '\0')
		return "thiếu người yêu cầu / no author";
	return NULL;
}

static const char *
missing_in_03(const struct slip_facts *f)
{
	if (!f->intake)
		return "hồ sơ đã được tiếp nhận / accepted already";
	if (f->ground[0] == '\0')
		return "thiếu căn cứ pháp lý / no legal ground";
	if (!is_for_people(f->reason))
		return "lý do là mã lỗi kỹ thuật / the reason is a technical "
		       "code";
	return NULL;
}

static const char *
missing_in_04(const struct slip_facts *f)
{
	if (f->original_due_us == 0)
		return "chưa có hạn trả / no due date";
	if (f->draft)
		return NULL;
	if (f->reason[0] == '\0')
		return "thiếu lý do / no reason";
	if (f->new_due_us <= f->original_due_us)
		return "thời hạn mới không sau hạn cũ / the new date is not "
		       "after the old one";
	if (f->officer[0] == '\0')
		return "thiếu người ký / no signer";
	return NULL;
}

static const char *
missing_in_05(const struct slip_facts *f)
{
	if (f->has_result)
		return "đã có kết quả giải quyết / a result exists";
	if (f->reason[0] == '\0')
		return "thiếu lý do / no reason";
	return NULL;
}

const char *
slip_missing(const struct slip_facts *f)
{
	switch (f->number) {
	case 1:
		return missing_in_01(f);
	case 2:
		return missing_in_02(f);
	case 3:
		return missing_in_03(f);
	case 4:
		return missing_in_04(f);
	case 5:
		return missing_in_05(f);
	default:
		return "không có mẫu này / no such form";
	}
}
