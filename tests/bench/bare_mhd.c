/*
 * What libmicrohttpd alone can do here: an epoll pool with a thread a core
 * that answers every request with the bytes of /healthz over TLS, and knows
 * nothing else.  `make bench` measures the gateway against it.
 *
 *	bare_mhd PORT CERTIFICATE KEY
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <microhttpd.h>

static const char body[] = "{\"status\":\"ok\"}\n";
static const char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

static char *
read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st) != 0)
		return NULL;
	text = calloc(1, (size_t)st.st_size + 1);
	if (text == NULL || read(fd, text, (size_t)st.st_size) != st.st_size)
		return NULL;
	close(fd);
	return text;
}

/* Answering in the first call would cost the connection (0.9.75). */
static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_len,
    void **state) /* lint-ok: libmicrohttpd's own signature */
{
	struct MHD_Response *reply = arg;

	(void)url, (void)method, (void)version, (void)upload, (void)upload_len;

	if (*state == NULL) {
		*state = reply;
		return MHD_YES;
	}
	return MHD_queue_response(c, MHD_HTTP_OK, reply);
}

int
main(int argc, char **argv)
{
	unsigned threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	char *certificate, *key;
	struct MHD_Response *reply;
	struct MHD_Daemon *d;
	sigset_t stop;
	int sig;

	if (argc != 4)
		return 64;
	certificate = read_file(argv[2]);
	key = read_file(argv[3]);
	reply = MHD_create_response_from_buffer(
	    sizeof(body) - 1, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
	if (certificate == NULL || key == NULL || reply == NULL)
		return 1;
	MHD_add_response_header(reply, "Content-Type", "application/json");

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS,
	    (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL, answer, reply,
	    MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_HTTPS_MEM_CERT,
	    certificate, MHD_OPTION_HTTPS_MEM_KEY, key,
	    MHD_OPTION_HTTPS_PRIORITIES, priorities, MHD_OPTION_END);
	if (d == NULL)
		return 1;
	puts("ready");
	fflush(stdout);
	sigwait(&stop, &sig);
	MHD_stop_daemon(d);
	MHD_destroy_response(reply);
	free(certificate);
	free(key);
	return 0;
}
