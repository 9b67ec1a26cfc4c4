/*
 * Papers, read back by other people's tools: poppler's pdftotext for what is
 * written, pdffonts for what is embedded, pdfinfo for pages and dates.
 */
#include "gateway/paper.h"

#include <pthread.h>

#include "base/base.h"
#include "base/buf.h"
#include "gateway/template.h"
#include "tests/unit/fixture.h"

#define AT INT64_C(1795401000000000) /* 2026-11-23T02:30:00Z */

static const char *const lines[] = {
	"1",
	"Lệ phí chỉnh sửa nội dung văn bằng, chứng chỉ",
	"50.000 ₫",
	"2",
	"Phí cung cấp thông tin | {agency}",
	"10.000 ₫",
};
static const struct paper_table lines_table = { "lines", 3, 2, lines };

static const struct template_field fields[] = {
	{ "agency", "SỞ GIÁO DỤC VÀ ĐÀO TẠO", false },
	{ "payer", "NGUYỄN THỊ ÁNH TUYẾT-ĐỖ QUYÊN", false },
	{ "none", "", false },
	{ "trick", "a\nrow: 1 | 2 | 3", false },
};

static const char receipt[] =
    "# a comment\n"
    "page: A5\n"
    "name: Biên lai của {payer}\n"
    "header: UBND THÀNH PHỐ HỒ CHÍ MINH | {agency} | Số: 00000001"
    " | Thành phố Hồ Chí Minh, ngày 23 tháng 11 năm 2026\n"
    "title: BIÊN LAI THU PHÍ, LỆ PHÍ\n"
    "line: Người nộp: {payer}\n"
    "line: Thư điện tử: {none}\n"
    "table: 1 center | 6 left | 2 right\n"
    "head: STT | Nội dung | Số tiền\n"
    "rows: lines\n"
    "row: | Tổng cộng | 60.000 ₫\n"
    "text: {trick}\n"
    "sign: NGƯỜI NỘP TIỀN | NGƯỜI THU TIỀN\n"
    "hint: (Ký, ghi rõ họ tên) | (Ký điện tử)\n"
    "gap: 3\n"
    "sign: {payer} | Phạm Thị Dung\n"
    "qr: https://dvc.example.gov.vn/v1/receipts/AB12 | Quét mã để kiểm tra.\n";

static bool
make(const char *template, const struct paper_table *table, struct buf *out,
    struct err *e)
{
	return paper_make(
	    &(struct paper){
		.template = template,
		.fields = fields,
		.field_count = nitems(fields),
		.tables = table,
		.table_count = table != NULL,
		.at_us = AT,
	    },
	    out, e);
}

/* What one of poppler's tools says of a PDF; the caller frees. */
static char *
says(const char *const argv[], const struct buf *pdf)
{
	struct blob text = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };

	unlink("paper.pdf");
	assert_true(file_write_new("paper.pdf", pdf->data, pdf->len, &e));
	assert_int_equal(fixture_run_to(argv, "out"), 0);
	assert_true(file_read("out", 1 << 20, &text, &e));
	buf_put(&out, text.data, text.len);
	blob_release(&text);
	return buf_take(&out);
}

static const char *const words[] = { "pdftotext", "-layout", "paper.pdf", "-",
	NULL };
static const char *const fonts[] = { "pdffonts", "paper.pdf", NULL };
static const char *const info[] = { "pdfinfo", "-isodates", "paper.pdf", NULL };

static void
assert_says(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("no \"%s\" in: %s", what, text);
}

static void
a_paper_reads_back_as_it_was_written(void **unused)
{
	struct buf pdf = { 0 };
	struct err e = { 0 };
	char *text;

	(void)unused;
	assert_true(make(receipt, &lines_table, &pdf, &e));
	text = says(words, &pdf);
	assert_says(text, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
	assert_says(text, "Độc lập - Tự do - Hạnh phúc");
	assert_says(text, "Số: 00000001");
	assert_says(text, "Người nộp: NGUYỄN THỊ ÁNH TUYẾT-ĐỖ QUYÊN");
	assert_says(text, "50.000 ₫");
	assert_says(text, "Phí cung cấp thông tin | {agency}");
	assert_says(text, "a row: 1 | 2 | 3");
	assert_says(text, "Phạm Thị Dung");
	assert_null(strstr(text, "Thư điện tử"));
	free(text);
	buf_release(&pdf);
}

static void
the_font_is_embedded_as_a_subset_and_is_times_metric(void **unused)
{
	struct buf pdf = { 0 };
	struct err e = { 0 };
	char *text;

	(void)unused;
	assert_true(make(receipt, &lines_table, &pdf, &e));
	text = says(fonts, &pdf);
	assert_says(text, "+LiberationSerif ");
	assert_says(text, "yes yes yes");
	assert_null(strstr(text, " no "));
	free(text);
	buf_release(&pdf);
}

static void
the_metadata_have_the_title_and_the_time_that_was_given(void **unused)
{
	struct buf pdf = { 0 };
	struct err e = { 0 };
	char *text;

	(void)unused;
	assert_true(make(receipt, &lines_table, &pdf, &e));
	text = says(info, &pdf);
	assert_says(text, "Biên lai của NGUYỄN THỊ ÁNH TUYẾT-ĐỖ QUYÊN");
	assert_says(text, "CreationDate:    2026-11-23T02:30:00");
	assert_says(text, "ModDate:         2026-11-23T02:30:00");
	assert_says(text, "Pages:           1\n");
	assert_says(text, "419.527 x 595.275 pts");
	free(text);
	buf_release(&pdf);
}

static void *
make_one(void *out)
{
	struct err e = { 0 };

	assert_true(make(receipt, &lines_table, out, &e));
	return NULL;
}

static void
threads_at_once_make_the_same_bytes(void **unused)
{
	pthread_t thread[4];
	struct buf pdf[4] = { { 0 } };

	(void)unused;
	for (size_t i = 0; i < nitems(thread); i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, make_one, &pdf[i]), 0);
	for (size_t i = 0; i < nitems(thread); i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (size_t i = 0; i < nitems(thread); i++) {
		assert_int_equal(pdf[i].len, pdf[0].len);
		assert_memory_equal(pdf[i].data, pdf[0].data, pdf[0].len);
	}
	for (size_t i = 0; i < nitems(thread); i++)
		buf_release(&pdf[i]);
}

/* A register of so many rows, each with a name that has to wrap. */
static bool
make_register(size_t rows, struct buf *out, struct err *e)
{
	static const char name[] =
	    "Công ty Trách nhiệm hữu hạn Một thành viên Xuất nhập khẩu "
	    "Nông sản và Thực phẩm Đồng bằng Sông Cửu Long - "
	    "Chi nhánh Thành phố Cần Thơ";
	const char **cells = blob_calloc(rows * 2 + 1, sizeof(*cells));
	const struct paper_table table = { "all", 2, rows, cells };
	bool ok;

	for (size_t i = 0; i < rows; i++) {
		cells[2 * i] = "H29.20-261123-0001";
		cells[2 * i + 1] = name;
	}
	ok = make("page: A4\n"
		  "table: 2 left | 3 left\n"
		  "head: Mã hồ sơ | Người nộp\n"
		  "rows: all\n"
		  "sign: NGƯỜI LẬP | THỦ TRƯỞNG ĐƠN VỊ\n"
		  "gap: 3\n"
		  "sign: Phạm Thị Dung | Lê Văn Cường\n",
	    &table, out, e);
	free(cells);
	return ok;
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void
a_long_table_goes_on_overleaf_under_its_head(void **unused)
{
	struct buf pdf = { 0 };
	size_t pages = 0, rows = 0, here;
	char *text, *page, *rest;
	struct err e = { 0 };

	(void)unused;
	assert_true(make_register(60, &pdf, &e));
	text = says(words, &pdf);
	for (page = strtok_r(text, "\f", &rest); page != NULL;
	     page = strtok_r(NULL, "\f", &rest), pages++) {
		rows += here = count(page, "H29.20-261123-0001");
		assert_int_equal(count(page, "Mã hồ sơ"), here > 0);
	}
	assert_true(pages >= 4);
	assert_int_equal(rows, 60);
	free(text);
	buf_release(&pdf);
}

/* Whatever number of rows comes before it. */
static void
the_lines_to_sign_on_stay_on_one_page(void **unused)
{
	struct err e = { 0 };

	(void)unused;
	for (size_t rows = 10; rows < 22; rows++) {
		struct buf pdf = { 0 };
		const char *title, *name;
		char *text;

		assert_true(make_register(rows, &pdf, &e));
		text = says(words, &pdf);
		title = strstr(text, "THỦ TRƯỞNG");
		name = strstr(text, "Lê Văn Cường");
		assert_non_null(title);
		assert_non_null(name);
		assert_null(memchr(title, '\f', (size_t)(name - title)));
		free(text);
		buf_release(&pdf);
	}
}

static void
a_paper_over_a_hundred_pages_is_refused(void **unused)
{
	struct buf pdf = { 0 };
	struct err e = { 0 };

	(void)unused;
	buf_puts(&pdf, "before");
	assert_false(make_register(PAPER_PAGES_MAX * 20, &pdf, &e));
	assert_int_equal(e.code, ERR_TOO_LARGE);
	assert_string_equal(pdf.data, "before");
	buf_release(&pdf);
}

static void
a_row_that_fits_on_no_page_is_refused(void **unused)
{
	struct buf pdf = { 0 }, text = { 0 };
	struct err e = { 0 };

	(void)unused;
	for (int i = 0; i < 2000; i++)
		buf_puts(&text, "chữ ");
	assert_false(make("page: A5\ntable: 1 left | 9 left\nrows: lines\n",
	    &(struct paper_table){
		"lines", 2, 1, (const char *const[]){ text.data, "x" } },
	    &pdf, &e));
	assert_int_equal(e.code, ERR_TOO_LARGE);
	buf_release(&text);
	buf_release(&pdf);
}

static void
a_template_that_is_none_is_refused(void **unused)
{
	static const char *const bad[] = {
		"text: no page\n",
		"page: A6\n",
		"page: A4 | 99\n",
		"page: A4\nnonsense\n",
		"page: A4\nshout: x\n",
		"page: A4\nline: {nobody}\n",
		"page: A4\nline: {agency\n",
		"page: A4\nline: a | b\n",
		"page: A4\nheader: a | b\n",
		"page: A4\nrow: a | b\n",
		"page: A4\ngap: 0\n",
		"page: A4\ngap: many\n",
		"page: A4\ntable: left\n",
		"page: A4\ntable: 1 middle\n",
		"page: A4\ntable: 1 left\ntable: 1 left\n",
		"page: A4\ntable: 1 left\nrow: a | b\n",
		"page: A4\ntable: 1 left | 1 left | 1 left\nrows: other\n",
		"page: A4\ntable: 1 left\nrows: lines\n",
	};

	(void)unused;
	for (size_t i = 0; i < nitems(bad); i++) {
		struct buf pdf = { 0 };
		struct err e = { 0 };

		if (make(bad[i], &lines_table, &pdf, &e))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_null(pdf.data);
	}
}

static int
setup(void **unused)
{
	(void)unused;
	assert_non_null(mkdtemp(fixture_folder));
	return chdir(fixture_folder);
}

static int
teardown(void **unused)
{
	(void)unused;
	fixture_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_that_is_none_is_refused),
		cmocka_unit_test(a_paper_over_a_hundred_pages_is_refused),
		cmocka_unit_test(a_row_that_fits_on_no_page_is_refused),
		cmocka_unit_test(a_paper_reads_back_as_it_was_written),
		cmocka_unit_test(
		    the_font_is_embedded_as_a_subset_and_is_times_metric),
		cmocka_unit_test(
		    the_metadata_have_the_title_and_the_time_that_was_given),
		cmocka_unit_test(threads_at_once_make_the_same_bytes),
		cmocka_unit_test(a_long_table_goes_on_overleaf_under_its_head),
		cmocka_unit_test(the_lines_to_sign_on_stay_on_one_page),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
