-- Who has transferred less than the fee hears what is left of it.

INSERT INTO outbox_rule (kind, channel, recipient, template, lane, states) VALUES
	('payment-underpaid', 'mail', 'applicant', 'mail-payment-underpaid', 2, '{6}');
