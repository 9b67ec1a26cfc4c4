#include "crypto/pades_dss.h"

#include "crypto/pades_graph.h"

/* The streams of one array, decoded; the caller has room for
 * CHAIN_EXTRAS_MAX. */
static size_t
read_streams(
    struct dss *d, struct graph *g, unsigned array, struct chain_object *out)
{
	size_t n = 0;

	for (int i = 0; i < graph_count(g, array) && n < CHAIN_EXTRAS_MAX;
	     i++) {
		unsigned item = graph_item(g, array, i);
		struct blob *b = &d->blobs[d->blob_count];

		if (graph_kind(g, item) == GRAPH_STREAM &&
		    graph_stream_decoded(g, item, b)) {
			d->blob_count++;
			d->bytes += b->len;
			out[n++] = (struct chain_object){ b->data, b->len };
		}
		if (d->bytes > DSS_BYTES_MAX)
			break;
	}
	return n;
}

static size_t
read_key(struct dss *d, struct graph *g, unsigned dict, const char *key,
    struct chain_object *out)
{
	return read_streams(d, g, graph_key(g, dict, key), out);
}

void
dss_init(struct dss *d, struct graph *g, unsigned dict)
{
	struct chain_subject *h = &d->hints;

	*d = (struct dss){ 0 };
	h->extras = d->certificates;
	h->crls = d->crls;
	h->ocsps = d->ocsps;
	h->extra_count = read_key(d, g, dict, "/Certs", d->certificates);
	h->crl_count = read_key(d, g, dict, "/CRLs", d->crls);
	h->ocsp_count = read_key(d, g, dict, "/OCSPs", d->ocsps);
}

void
dss_release(struct dss *d)
{
	for (size_t i = 0; i < d->blob_count; i++)
		blob_release(&d->blobs[i]);
}
