/*
 * GET /assets/{id}
 *
 * The style and the scripts of our pages, as the program carries them.
 */
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "gateway/files.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct {
	const char *name, *type;
} assets[] = {
	{ "page.css", "text/css; charset=utf-8" },
	{ "pay.js", "text/javascript; charset=utf-8" },
};

struct reply *
api_asset(struct request *req)
{
	const char *text = NULL;
	struct reply *reply;
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(assets); i++) {
		if (strcmp(assets[i].name, req->arg.id) == 0)
			text = files_text(assets[i].name);
		if (text == NULL)
			continue;
		reply = reply_bytes(200, assets[i].type, text, strlen(text));
		reply_header(reply, "Cache-Control", "max-age=300");
		return reply;
	}
	err_set(&e, ERR_NOT_FOUND, "asset %s", req->arg.id);
	return reply_err(req, &e);
}
