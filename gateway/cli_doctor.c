/*
 * hosogate doctor: what is wrong here, and how to mend it.
 *
 * Changes nothing.  Each check prints one line, "ok" or "WRONG", and what is
 * wrong is followed by what to do, in Vietnamese and English; "?" is what could
 * not be asked without a database.  Exit status: 0 when all is well, else 1.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "crypto/expiry.h"
#include "crypto/sign.h"
#include "crypto/verifier.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/files.h"
#include "gateway/key_folder.h"
#include "gateway/key_holder.h"
#include "gateway/paper.h"
#include "gateway/trust_store.h"

#define WAIT_MAX_SEC    900
#define DISK_FREE_MIN   5 /* per cent */
#define FILES_PER_GUEST 2 /* descriptors: connection and part */
#define FILES_OF_OURS   200

struct doctor {
	const struct config *config;
	struct db *db;             /* NULL when there is none */
	struct verifier *verifier; /* forked before fonts start their threads */
	bool ill;
};

/* What is wrong is said once, in words of the check; how to mend it stands in
 * the table. */
static bool wrong(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
wrong(struct err *e, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_CONFIG, "%s", text);
}

static bool
check_secrets(struct doctor *d, struct err *e)
{
	struct secrets *secrets = NULL;

	if (!secrets_load(d->config, &secrets, e))
		return false;
	secrets_free(secrets);
	return true;
}

static bool
is_private(const char *path, struct err *e)
{
	struct stat st;

	if (*path == '\0')
		return true;
	if (stat(path, &st) != 0)
		return wrong(e, "%s: %s", path, strerror(errno));
	if (st.st_mode & (S_IROTH | S_IWOTH))
		return wrong(e, "%s: anyone may read it", path);
	return true;
}

static bool
are_private(const struct config_list *paths, struct err *e)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!is_private(paths->item[i], e))
			return false;
	return true;
}

static bool
is_folder_private(const char *path, struct err *e)
{
	struct key_folder f;
	bool ok = key_folder_list(path, &f, e);

	for (size_t i = 0; ok && i < f.count; i++)
		ok = is_private(f.keys[i].file, e) &&
		     is_private(f.keys[i].password_file, e);
	key_folder_release(&f);
	return ok;
}

static bool
check_modes(struct doctor *d, struct err *e)
{
	const struct config *c = d->config;

	return are_private(&c->vnpay_secret_files, e) &&
	       are_private(&c->momo_secret_files, e) &&
	       are_private(&c->zalopay_key1_files, e) &&
	       are_private(&c->zalopay_key2_files, e) &&
	       are_private(&c->dvcqg_secret_files, e) &&
	       are_private(&c->keypay_key1_files, e) &&
	       are_private(&c->keypay_key2_files, e) &&
	       is_private(c->dvcqg_token_file, e) &&
	       are_private(&c->vietqr_secret_files, e) &&
	       are_private(&c->payos_checksum_files, e) &&
	       is_private(c->payos_key_file, e) &&
	       is_private(c->link_key_file, e) &&
	       is_private(c->head_key_file, e) && is_private(c->tls_key, e) &&
	       is_private(c->smtp_user_file, e) &&
	       is_private(c->imap_user_file, e) &&
	       is_folder_private(c->form_key_folder, e) &&
	       is_private(c->form_key_file, e) &&
	       is_private(c->form_password_file, e) &&
	       is_folder_private(c->receipt_key_folder, e) &&
	       is_private(c->receipt_key_file, e) &&
	       is_private(c->receipt_password_file, e) &&
	       is_private(c->smime_key_file, e) &&
	       is_private(c->smime_password_file, e);
}

/* The words change at each of the days, so that whoever compares one answer
 * with the last hears of it so often. */
static bool
is_good_for(
    const char *path, int64_t not_after_us, const int *days, struct err *e)
{
	int64_t left = not_after_us - clock_now_us();
	int under = 0;

	if (left <= 0)
		return wrong(e, "%s: its certificate has run out", path);
	for (; *days != 0; days++)
		if (left < *days * CLOCK_DAY_SEC * CLOCK_SEC_US)
			under = *days;
	return under == 0 ||
	       wrong(
		   e, "%s: its certificate has less than %d days", path, under);
}

static bool
check_tls(struct doctor *d, struct err *e)
{
	static const int days[] = { 14, 7, 1, 0 };
	const char *path = d->config->tls_certificate;
	int64_t not_after_us;

	if (d->config->listen_https[0] == '\0')
		return true;
	if (!expiry_certificate(path, &not_after_us, e))
		return false;
	if (!is_good_for(path, not_after_us, days, e))
		return false;
	if (access(d->config->tls_key, R_OK) != 0)
		return wrong(e, "%s: %s", d->config->tls_key, strerror(errno));
	return true;
}

/* A certificate from an authority takes weeks, not minutes. */
static bool
check_key(const char *path, const char *password, struct err *e)
{
	static const int days[] = { 30, 14, 7, 1, 0 };
	struct signer_key *key = NULL;
	bool ok;

	if (*path == '\0')
		return true;
	if (!sign_open_pkcs12(
		path, *password == '\0' ? NULL : password, &key, e))
		return false;
	ok = is_good_for(path, sign_not_after_us(key), days, e);
	sign_close(key);
	return ok;
}

static bool
check_folder(const char *path, struct err *e)
{
	struct key_folder f;
	bool ok = key_folder_list(path, &f, e);

	for (size_t i = 0; ok && i < f.count; i++)
		ok = check_key(f.keys[i].file, f.keys[i].password_file, e);
	key_folder_release(&f);
	return ok;
}

static bool
check_keys(struct doctor *d, struct err *e)
{
	const struct config *c = d->config;

	return check_folder(c->form_key_folder, e) &&
	       check_folder(c->receipt_key_folder, e) &&
	       check_key(c->form_key_file, c->form_password_file, e) &&
	       check_key(c->receipt_key_file, c->receipt_password_file, e) &&
	       check_key(c->smime_key_file, c->smime_password_file, e);
}

static bool
check_holder(const struct doctor *d, const struct key_file *f,
    enum key_holder holder, struct err *e)
{
	const struct key_held held = { 0, holder, f->name };
	struct signer_key *key = NULL;
	const char *password =
	    f->password_file[0] == '\0' ? NULL : f->password_file;
	bool ok = sign_open_pkcs12(f->file, password, &key, e) &&
		  key_holder_check(d->db, &held, key, e);

	sign_close(key);
	return ok;
}

static bool
check_folder_holders(const struct doctor *d, const char *path,
    enum key_holder holder, struct err *e)
{
	struct key_folder f;
	bool ok = key_folder_list(path, &f, e);

	for (size_t i = 0; ok && i < f.count; i++)
		ok = check_holder(d, &f.keys[i], holder, e);
	key_folder_release(&f);
	return ok;
}

static bool
check_holders(struct doctor *d, struct err *e)
{
	const struct config *c = d->config;

	return check_folder_holders(
		   d, c->form_key_folder, KEY_HOLDER_UNIT, e) &&
	       check_folder_holders(
		   d, c->receipt_key_folder, KEY_HOLDER_BODY, e);
}

static bool
check_font(struct doctor *d, struct err *e)
{
	const struct paper line = {
		.template = "page: A5\nname: doctor\nline: ế\n",
		.at_us = clock_now_us(),
	};
	struct buf pdf = { 0 };
	bool ok = paper_make(&line, &pdf, e);

	(void)d;
	buf_release(&pdf);
	return ok;
}

static bool
check_trust(struct doctor *d, struct err *e)
{
	struct trust_store *trust = NULL;
	bool ok;

	if (d->config->trust_public.count == 0 &&
	    d->config->trust_government.count == 0)
		return wrong(e, "no trust anchor is configured");
	ok = trust_store_open(d->config, d->verifier, &trust, e);
	trust_store_free(trust);
	return ok;
}

static bool
check_crl(const char *path, struct err *e)
{
	int64_t next_us;
	char until[CLOCK_RFC3339_LEN];

	if (!expiry_crl(path, &next_us, e))
		return false;
	if (next_us > clock_now_us())
		return true;
	clock_rfc3339(next_us, until);
	return wrong(e, "%s: was to be renewed by %s", path, until);
}

static bool
check_crl_path(const char *path, struct err *e)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	bool ok = true;

	if (count < 0)
		return check_crl(path, e);
	for (int i = 0; i < count; i++) {
		struct buf b = { 0 };

		buf_printf(&b, "%s/%s", path, entries[i]->d_name);
		if (ok && entries[i]->d_name[0] != '.')
			ok = check_crl(b.data, e);
		buf_release(&b);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

static bool
check_crls(struct doctor *d, struct err *e)
{
	if (d->config->crls.count == 0 &&
	    strcmp(d->config->revocation, "require") == 0)
		return wrong(e, "revocation is required and no CRL is given");
	for (size_t i = 0; i < d->config->crls.count; i++)
		if (!check_crl_path(d->config->crls.item[i], e))
			return false;
	return true;
}

static bool
check_database(struct doctor *d, struct err *e)
{
	if (db_open_bare(d->config->database, &d->db, e) && db_alive(d->db, e))
		return true;
	db_close(d->db);
	d->db = NULL;
	return false;
}

static bool
check_schema(struct doctor *d, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *rows = NULL;
	long long number;

	if (!db_one(d->db, DB_schema_version, none, &rows, e))
		return false;
	number = db_int(rows, 0, "number");
	db_rows_free(rows);
	if (number != files_schema_version())
		return wrong(e, "schema %lld, this program speaks %d", number,
		    files_schema_version());
	return true;
}

static bool
check_clock(struct doctor *d, struct err *e)
{
	return db_clock_fits(
	    d->db, d->config->clock_skew_seconds * CLOCK_SEC_US, e);
}

static bool
check_queue(struct doctor *d, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *rows = NULL;
	long long outbox, timer, dead, paused;

	if (!db_one(d->db, DB_doctor_waiting, none, &rows, e))
		return false;
	outbox = db_int(rows, 0, "outbox_sec");
	timer = db_int(rows, 0, "timer_sec");
	dead = db_int(rows, 0, "dead");
	paused = db_int(rows, 0, "paused");
	db_rows_free(rows);
	if (outbox > WAIT_MAX_SEC || timer > WAIT_MAX_SEC || dead + paused > 0)
		return wrong(e,
		    "oldest message %lld s, oldest timer %lld s late; %lld "
		    "given up, %lld paused",
		    outbox, timer, dead, paused);
	return true;
}

static bool
check_fetched(struct doctor *d, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *rows = NULL;
	bool ok;

	if (!db_one(d->db, DB_fetch_stale, none, &rows, e))
		return false;
	ok = db_int(rows, 0, "stale") == 0 ||
	     wrong(e, "%lld CRLs were to be renewed, as %.120s",
		 (long long)db_int(rows, 0, "stale"), db_text(rows, 0, "url"));
	db_rows_free(rows);
	return ok;
}

static bool
check_disk(struct doctor *d, struct err *e)
{
	static const char *const folders[] = { "/", "/tmp", "/var/log" };
	struct statvfs fs;

	(void)d;
	for (size_t i = 0; i < nitems(folders); i++)
		if (statvfs(folders[i], &fs) == 0 && fs.f_blocks > 0 &&
		    fs.f_bavail * 100 / fs.f_blocks < DISK_FREE_MIN)
			return wrong(e, "%s: less than %d %% is free",
			    folders[i], DISK_FREE_MIN);
	return true;
}

static bool
check_files(struct doctor *d, struct err *e)
{
	int64_t need =
	    FILES_PER_GUEST * d->config->connections_max + FILES_OF_OURS;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return wrong(e, "nofile: %s", strerror(errno));
	if (files.rlim_max < (rlim_t)need)
		return wrong(e, "%llu file descriptors, %lld are needed",
		    (unsigned long long)files.rlim_max, (long long)need);
	return true;
}

static const struct check {
	const char *name;
	bool (*run)(struct doctor *d, struct err *e);
	const char *vi, *en;
	bool asks_database;
} checks[] = {
	{ "secrets", check_secrets,
	    "Kiểm tra các tệp khóa trong cấu hình: link_key_file (64 chữ số "
	    "hex), head_key_file, *_secret_files.",
	    "Look at the key files that the configuration names: "
	    "link_key_file (64 hex digits), head_key_file, "
	    "*_secret_files.",
	    false },
	{ "modes", check_modes, "Chạy chmod o-rwx cho tệp đó.",
	    "chmod o-rwx that file.", false },
	{ "tls", check_tls,
	    "Gia hạn chứng thư của máy chủ rồi khởi động lại dịch vụ.",
	    "Renew the server's certificate, then restart the service.",
	    false },
	{ "keys", check_keys,
	    "Kiểm tra form_key_*, receipt_key_*, smime_key_file và mật "
	    "khẩu; xin chứng thư mới trước khi hết hạn.",
	    "Look at form_key_*, receipt_key_*, smime_key_file and "
	    "their passwords; ask for a new certificate in time.",
	    false },
	{ "font", check_font, "Cài gói fonts-liberation2.",
	    "Install the package fonts-liberation2.", false },
	{ "trust", check_trust,
	    "Sửa tệp đó, hoặc trust_*, untrusted, crls, policy_file trong cấu "
	    "hình; dịch vụ không khởi động khi chưa đọc được.",
	    "Mend that file, or trust_*, untrusted, crls, policy_file in the "
	    "configuration; the service does not start without.",
	    false },
	{ "crls", check_crls,
	    "Tải danh sách thu hồi (CRL) mới vào thư mục crls; dịch vụ tự "
	    "đọc lại.",
	    "Fetch new CRLs into the crls folder; the service reads them by "
	    "itself.",
	    false },
	{ "database", check_database,
	    "Kiểm tra PostgreSQL đang chạy và tùy chọn database.",
	    "See that PostgreSQL runs, and the option database.", false },
	{ "schema", check_schema, "Chạy: hosogate migrate",
	    "Run: hosogate migrate", true },
	{ "clock", check_clock,
	    "Đồng bộ đồng hồ của cả hai máy (chrony hoặc systemd-timesyncd).",
	    "Synchronise both machines' clocks (chrony, systemd-timesyncd).",
	    true },
	{ "key holders", check_holders,
	    "Đặt đúng khóa của đơn vị vào form_key_folder, receipt_key_folder, "
	    "hoặc nhập chứng thư của đơn vị (certificates) bằng hosogate "
	    "import; khóa đó không được dùng để ký.",
	    "Put that unit's own key into form_key_folder, receipt_key_folder, "
	    "or import its certificates; that key signs nothing.",
	    true },
	{ "queue", check_queue,
	    "Xem: hosogate queue list; gửi lại: hosogate queue retry.",
	    "See: hosogate queue list; send again: hosogate queue retry.",
	    true },
	{ "fetched", check_fetched,
	    "Kiểm tra fetch_hosts và đường mạng tới máy chủ CRL đó.",
	    "See that fetch_hosts names that host, and that it can be "
	    "reached.",
	    true },
	{ "disk", check_disk, "Giải phóng dung lượng đĩa.",
	    "Free some disk space.", false },
	{ "files", check_files,
	    "Tăng LimitNOFILE trong systemd hoặc giảm connections_max.",
	    "Raise LimitNOFILE in systemd, or lower connections_max.", false },
};

static void
examine(struct doctor *d, const struct check *check)
{
	struct err e = { 0 };

	if (check->asks_database && d->db == NULL) {
		printf("?      %s: nobody to ask\n", check->name);
		return;
	}
	if (check->run(d, &e)) {
		printf("ok     %s\n", check->name);
		return;
	}
	d->ill = true;
	printf("WRONG  %s: %.*s\n       %s\n       %s\n", check->name,
	    (int)strcspn(e.detail, "\n"), e.detail, check->vi, check->en);
}

int
cli_doctor(int argc, char **argv)
{
	static const char usage[] = "doctor [-c FILE]";
	struct config *config = NULL;
	struct doctor d = { 0 };
	int status = cli_config(argc, argv, usage, &config);

	if (status != CLI_OK)
		return status;
	d.config = config;
	d.verifier = verifier_new(1);
	for (size_t i = 0; i < nitems(checks); i++)
		examine(&d, &checks[i]);
	db_close(d.db);
	verifier_free(d.verifier);
	config_free(config);
	return d.ill ? CLI_FAILED : CLI_OK;
}
