#ifndef GATEWAY_NOTIFY_H
#define GATEWAY_NOTIFY_H

/* Tells the supervisor ("READY=1", "STOPPING=1") by the datagram protocol of
 * sd_notify(3).  Without NOTIFY_SOCKET, nothing happens. */
void notify_supervisor(const char *state);

#endif /* GATEWAY_NOTIFY_H */
