#ifndef CRYPTO_REPORT_H
#define CRYPTO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/evidence.h"
#include "crypto/want.h"

/*
 * What verification proved about one document, in the words of
 * EN 319 102-1.  Three facts are kept apart for each signature: integrity
 * (cryptography alone), indication (trust at a time, on evidence), and
 * covers with changes_after (what was signed, and what came later).
 *
 * A report is data: making one cannot fail, only its verdict can be bad.
 * report_json() writes the stable contract of `hosogate verify --json`.
 * report_write() and report_read() carry it between a child and the gateway,
 * two ends of one build; the child may have been taken over, so every number
 * and every text is checked.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	the bytes are no report
 *	ERR_TOO_LARGE	more than REPORT_BYTES_MAX or REPORT_SIGNATURES_MAX
 */
struct buf;
struct err;
struct json;

#define REPORT_BYTES_MAX      (512 * 1024)
#define REPORT_SIGNATURES_MAX 100
#define REPORT_FINDINGS_MAX   32
#define REPORT_TIMESTAMPS_MAX 16
#define REPORT_IDS_MAX        4
#define REPORT_PATH_MAX       18

enum indication { TOTAL_PASSED, INDETERMINATE, TOTAL_FAILED };

/* SUB_NONE goes with TOTAL_PASSED; subindication.def has all the others. */
enum subindication {
	SUB_NONE,
#define SUB(name, indication) SUB_##name,
#include "crypto/subindication.def"
};

enum integrity { INTEGRITY_UNKNOWN, INTEGRITY_INTACT, INTEGRITY_BROKEN };
enum report_format { FORMAT_NONE, FORMAT_PADES, FORMAT_CADES, FORMAT_XADES };
enum signature_kind {
	KIND_SIGNATURE,
	KIND_DOCUMENT_TIMESTAMP,
	KIND_COUNTER_SIGNATURE,
};
enum signature_level {
	LEVEL_B_B,
	LEVEL_B_T,
	LEVEL_B_LT,
	LEVEL_B_LTA,
	LEVEL_CMS,
	LEVEL_XMLDSIG,
	LEVEL_PKCS7,
};
enum coverage { COVERS_WHOLE, COVERS_REVISION, COVERS_PART };
enum changes { CHANGES_NONE, CHANGES_PERMITTED, CHANGES_FORBIDDEN };

/* finding.def: a stable code, an English and a Vietnamese sentence. */
enum finding_code {
#define FINDING(code, name, en, vi) FIND_##code,
#include "crypto/finding.def"
	FIND_COUNT
};

struct finding {
	enum finding_code code;
	char detail[160]; /* names the object, the attribute, the limit */
};

/* What it is over, from the inside out: each covers those before it. */
enum timestamp_kind {
	TIMESTAMP_CONTENT,
	TIMESTAMP_SIGNATURE,
	TIMESTAMP_REFERENCES, /* to certificates and revocation data */
	TIMESTAMP_SIGNATURE_AND_REFERENCES,
	TIMESTAMP_ARCHIVE,
};

struct timestamp_report {
	enum timestamp_kind kind;
	enum integrity integrity;
	enum indication indication;
	enum subindication subindication;
	int64_t time_us; /* 0: unreadable */
};

/* CCCD, CMND, MST, HC, BHXH ...: from UID RDNs "KIND:value". */
struct signer_id {
	char kind[8];
	char value[32];
};

struct signer {
	char subject[512]; /* RFC 4514 */
	char issuer[512];  /* RFC 4514 */
	char serial[80];   /* lower-case hex */
	char name[160];    /* the last CN */
	char organisation[256];
	char unit[256]; /* the OUs, joined by ", " */
	char email[160];
	char certificate_sha256[65]; /* hex of the DER; "" if not found */
	struct signer_id ids[REPORT_IDS_MAX];
	size_t id_count;
};

struct signature_report {
	enum indication indication;
	enum subindication subindication;
	enum integrity integrity;
	enum signature_kind kind;
	enum signature_level level;
	enum coverage covers;
	enum changes changes_after;
	char digest[16];    /* "sha256" */
	char algorithm[24]; /* "rsa-pkcs1", "rsa-pss", "ecdsa" ... */
	int key_bits;
	struct signer signer;
	int64_t claimed_us; /* what the signature says; 0: nothing */
	int64_t proven_us;  /* by a good timestamp; 0: none */
	struct timestamp_report timestamps[REPORT_TIMESTAMPS_MAX];
	size_t timestamp_count;
	unsigned anchor; /* purposes of the anchor, trust.h; 0: no path */
	struct finding findings[REPORT_FINDINGS_MAX];
	size_t finding_count;
};

/* Subjects (RFC 4514) from the end certificate to the anchor. */
struct report_path {
	char subjects[REPORT_PATH_MAX][512];
	size_t count;
};

struct report {
	char file[256];
	enum report_format format;
	enum indication indication;
	enum subindication subindication;
	bool document_modified;
	char policy[64];
	char policy_version[16];
	char revocation[8]; /* revocation_mode_name() */
	int64_t at_us;      /* validation time; 0: nobody judged */
	struct signature_report *signatures; /* owned */
	size_t signature_count;
	struct finding findings[REPORT_FINDINGS_MAX]; /* of the whole file */
	size_t finding_count;
	struct report_path *path; /* owned; NULL but for a certificate */
	struct evidence_list evidence;
	struct want_list wants;
};

/* Makes an empty report: FORMAT_NONE, INDETERMINATE / FORMAT_FAILURE. */
struct report *report_new(const char *file);
void report_free(struct report *r);

/* A fresh signature: INDETERMINATE / CERTIFICATE_CHAIN_GENERAL_FAILURE,
 * integrity unknown.  NULL at the limit; then the report carries LIMIT and
 * its verdict cannot be better than INDETERMINATE.  Valid until the next add.
 */
struct signature_report *report_add(struct report *r);

/* Adds a finding; beyond REPORT_FINDINGS_MAX it is dropped. */
void report_find(struct report *r, enum finding_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void signature_find(struct signature_report *s, enum finding_code code,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool signature_has(const struct signature_report *s, enum finding_code code);

/* Opens the judging: TOTAL_PASSED stands until signature_sink(). */
void signature_begin(struct signature_report *s);

/* Sets subindication and the indication that goes with it, if that is worse
 * than what stands: a verdict only ever gets worse. */
void signature_sink(struct signature_report *s, enum subindication sub);

/* The file's verdict from its signatures': the worst, and never better than
 * INDETERMINATE when document_modified. Called once, last. */
void report_conclude(struct report *r);

struct json *report_json(const struct report *r);

/* Appended to out.  What report_read() refuses leaves *out alone; else the
 * caller owns it. */
void report_write(const struct report *r, struct buf *out);
bool report_read(
    const uint8_t *bytes, size_t len, struct report **out, struct err *e);

/* UTF-8 without control bytes, cut between characters to fit: what is not so
 * becomes '?'.  For whatever a document says about itself. */
void report_text(char *out, size_t cap, const char *s, size_t len);

const char *indication_name(enum indication i);
const char *indication_text_vi(enum indication i);    /* Hợp lệ ... */
const char *subindication_name(enum subindication s); /* NULL for SUB_NONE */
enum indication subindication_indication(enum subindication s);
const char *finding_name(enum finding_code c);
const char *finding_text(enum finding_code c, bool vietnamese);
const char *format_name(enum report_format f);
const char *integrity_name(enum integrity i);
const char *timestamp_kind_name(enum timestamp_kind k);

#endif /* CRYPTO_REPORT_H */
