-- Mails that were accepted, and came back.

ALTER TABLE outbox_delivery
	DROP CONSTRAINT outbox_delivery_status_check,
	ADD CONSTRAINT outbox_delivery_status_check
		CHECK (status IN ('sent', 'deferred', 'dead', 'expired', 'moot', 'bounced'));
COMMENT ON COLUMN outbox_delivery.status IS
	'sent: accepted by the other side.  deferred: again later.  dead: refused for good.  expired: tried to the end of the schedule.  moot: no longer true when its turn came.  bounced: accepted, and a notification said later that it could not be delivered; bounce.c writes it.';
CREATE UNIQUE INDEX outbox_delivery_bounced ON outbox_delivery (tenant_id, outbox_id)
	WHERE status = 'bounced';
COMMENT ON INDEX outbox_delivery_bounced IS 'Once for each message, and the list of bounces.';
