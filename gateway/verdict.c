#include "gateway/verdict.h"

#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/text.h"
#include "crypto/report.h"

#define ID_KEPT 4 /* digits of an identity number that are shown */

struct words {
	const char *vi, *en;
};

static const struct words integrities[] = {
	[INTEGRITY_UNKNOWN] = { "chưa xác định", "unknown" },
	[INTEGRITY_INTACT] = { "nguyên vẹn", "intact" },
	[INTEGRITY_BROKEN] = { "đã bị thay đổi", "broken" },
};

static const struct words kinds[] = {
	[KIND_SIGNATURE] = { "Chữ ký", "Signature" },
	[KIND_DOCUMENT_TIMESTAMP] = { "Dấu thời gian", "Timestamp" },
	[KIND_COUNTER_SIGNATURE] = { "Chữ ký chứng thực", "Counter-signature" },
};

static const struct words stamps[] = {
	[TIMESTAMP_CONTENT] = { "nội dung", "content" },
	[TIMESTAMP_SIGNATURE] = { "chữ ký", "signature" },
	[TIMESTAMP_REFERENCES] = { "tham chiếu", "references" },
	[TIMESTAMP_SIGNATURE_AND_REFERENCES] = { "chữ ký và tham chiếu",
	    "signature and references" },
	[TIMESTAMP_ARCHIVE] = { "lưu trữ", "archive" },
};

static const struct words coverages[] = {
	[COVERS_WHOLE] = { "toàn bộ tài liệu", "the whole document" },
	[COVERS_REVISION] = { "một phiên bản trước", "an earlier revision" },
	[COVERS_PART] = { "một phần tài liệu", "a part of the document" },
};

static const struct words changes[] = {
	[CHANGES_NONE] = { "không", "none" },
	[CHANGES_PERMITTED] = { "có, được phép", "permitted ones" },
	[CHANGES_FORBIDDEN] = { "có, không được phép", "forbidden ones" },
};

static void
line(FILE *out, const char *vi, const char *en, const char *value)
{
	if (value[0] != '\0')
		fprintf(out, "    %s · %s: %s\n", vi, en, value);
}

static void
line_words(FILE *out, const char *vi, const char *en, struct words w)
{
	fprintf(out, "    %s · %s: %s · %s\n", vi, en, w.vi, w.en);
}

static void
print_ids(FILE *out, const struct signer *who)
{
	char masked[sizeof(who->ids[0].value)];

	for (size_t i = 0; i < who->id_count; i++) {
		text_mask(who->ids[i].value, ID_KEPT, masked, sizeof(masked));
		fprintf(out, "    Số định danh · Identity number: %s %s\n",
		    who->ids[i].kind, masked);
	}
}

static void
print_signer(FILE *out, const struct signer *who)
{
	if (who->subject[0] == '\0')
		return;
	line(out, "Người ký", "Signer", who->name);
	line(out, "Tổ chức", "Organisation", who->organisation);
	line(out, "Đơn vị", "Unit", who->unit);
	print_ids(out, who);
	line(out, "Thư điện tử", "E-mail", who->email);
	line(out, "Đơn vị cấp chứng thư số", "Issuer", who->issuer);
	line(out, "Số chứng thư số", "Serial number", who->serial);
}

/* A proven time goes before what the signer says. */
static void
print_time(FILE *out, const struct signature_report *s)
{
	int64_t us = s->proven_us != 0 ? s->proven_us : s->claimed_us;
	char text[CLOCK_RFC3339_LEN];

	if (us == 0)
		return;
	clock_rfc3339(us, text);
	fprintf(out, "    Thời điểm ký · Signed at: %s (%s)\n", text,
	    s->proven_us != 0 ? "theo dấu thời gian · proved by a timestamp"
			      : "theo lời người ký · as the signer says");
}

/* A name (RFC 4514) may hold identity numbers, "UID=CCCD:001099000123": they
 * are masked here as everywhere. */
static void
print_name(FILE *out, const char *text)
{
	char value[512], masked[512];

	for (const char *uid; (uid = strstr(text, "UID=")) != NULL;) {
		size_t head = strcspn(uid, ":,+"), len;

		head = uid[head] == ':' ? head + 1 : strlen("UID=");
		len = strcspn(uid + head, ",+");
		snprintf(value, sizeof(value), "%.*s", (int)len, uid + head);
		text_mask(value, ID_KEPT, masked, sizeof(masked));
		fprintf(out, "%.*s%s", (int)(uid + head - text), text, masked);
		text = uid + head + len;
	}
	fputs(text, out);
}

static void
print_findings(FILE *out, const struct finding *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "    ! %s: %s · %s%s", finding_name(f[i].code),
		    finding_text(f[i].code, true),
		    finding_text(f[i].code, false),
		    f[i].detail[0] != '\0' ? " — " : "");
		print_name(out, f[i].detail);
		fputc('\n', out);
	}
}

static void
print_indication(FILE *out, enum indication i, enum subindication sub)
{
	fprintf(out, "%s · %s%s%s\n", indication_text_vi(i), indication_name(i),
	    sub != SUB_NONE ? " / " : "",
	    sub != SUB_NONE ? subindication_name(sub) : "");
}

/* Each with its own verdict, as one that is not good proves nothing. */
static void
print_timestamps(FILE *out, const struct signature_report *s)
{
	for (size_t i = 0; i < s->timestamp_count; i++) {
		const struct timestamp_report *t = &s->timestamps[i];
		char when[CLOCK_RFC3339_LEN] = "?";

		if (t->time_us != 0)
			clock_rfc3339(t->time_us, when);
		fprintf(out, "    Dấu thời gian · Timestamp: %s · %s, %s: ",
		    stamps[t->kind].vi, stamps[t->kind].en, when);
		print_indication(out, t->indication, t->subindication);
	}
}

static void
print_signature(FILE *out, size_t number, const struct signature_report *s)
{
	fprintf(out, "  %s %zu · %s %zu: ", kinds[s->kind].vi, number,
	    kinds[s->kind].en, number);
	print_indication(out, s->indication, s->subindication);
	print_signer(out, &s->signer);
	print_time(out, s);
	print_timestamps(out, s);
	line_words(
	    out, "Tính toàn vẹn", "Integrity", integrities[s->integrity]);
	line_words(out, "Phạm vi", "Covers", coverages[s->covers]);
	if (s->changes_after != CHANGES_NONE)
		line_words(out, "Thay đổi sau khi ký", "Changes after signing",
		    changes[s->changes_after]);
	print_findings(out, s->findings, s->finding_count);
}

void
verdict_print(FILE *out, const struct report *r)
{
	fprintf(out, "%s: ", r->file);
	if (r->format == FORMAT_NONE && r->signature_count == 0 &&
	    r->finding_count == 0)
		fprintf(out, "không có chữ ký · no signature\n");
	else
		print_indication(out, r->indication, r->subindication);
	if (r->document_modified)
		fprintf(out, "  Tài liệu đã bị sửa đổi sau khi ký · "
			     "The document was changed after signing\n");
	print_findings(out, r->findings, r->finding_count);
	for (size_t i = 0; i < r->signature_count; i++)
		print_signature(out, i + 1, &r->signatures[i]);
}

void
verdict_print_path(FILE *out, const struct report *r)
{
	fprintf(out, "%s: ", r->file);
	print_indication(out, r->indication, r->subindication);
	for (size_t i = 0; r->path != NULL && i < r->path->count; i++) {
		fprintf(out, "  %zu  ", i);
		print_name(out, r->path->subjects[i]);
		fputc('\n', out);
	}
	print_findings(out, r->findings, r->finding_count);
	for (size_t i = 0; i < r->signature_count; i++)
		print_findings(out, r->signatures[i].findings,
		    r->signatures[i].finding_count);
}
