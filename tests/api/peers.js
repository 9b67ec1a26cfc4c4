// A gateway with its peers: a mail server and a portal that hears callbacks.
// Every wait of the published schedule is a hundredth of what it is.
import { gateway, pki } from './gateway.js';
import { startMail } from '../fake/mailserver.js';
import { startPortal } from '../fake/portal.js';

export { until } from './gateway.js';

export const secretFile = pki('secret/webhook.secret');

const tls = (name) => ({ key: pki(`tls/${name}.key`),
	cert: pki(`tls/${name}.crt`) });

export const newPortal = (options = {}) =>
	startPortal({ ...tls('portal'), secret: secretFile, ...options });

export const quick = { tick_ms: 20, courier_backoff_percent: 1,
	courier_lease_seconds: 2, quiet_from: 0, quiet_until: 0 };

// options: {mail: what startMail takes, allow: more that may be called, config:
// the gateway's}.
export async function peers(t, { mail: mailOptions, allow = [], config } = {}) {
	const mail = await startMail({ ...tls('smtp'), ...mailOptions });
	const portal = await newPortal();
	t.after(async () => {
		await mail.close();
		await portal.close();
	});
	const g = await gateway(t, { config: { ...quick, smtp_url: mail.url,
		http_allow_private: [`localhost:${portal.port}`, ...allow], ...config } });
	await callBack(g, 'portal', portal.url);
	return { g, mail, portal };
}

// Where a client's callbacks go, and with which secrets (files).
export const callBack = (g, client, url, secrets = [secretFile]) =>
	g.psql(`UPDATE client SET callback_url = '${url}',
		callback_secret = '{${secrets.join(',')}}'
		WHERE code = '${client}'`);

// What became of the messages: rows of the log of deliveries.
export const deliveries = async (g, where = 'true') =>
	(await g.psql(`SELECT outbox_id, channel, recipient, template, status,
		code, reply, message_id, peer, tls, attempt FROM outbox_delivery
		WHERE ${where} ORDER BY id`)).map(([id, channel, recipient,
		template, status, code, reply, messageId, peer, usedTls,
		attempt]) => ({ id, channel, recipient, template, status,
		code: Number(code), reply, messageId, peer,
		tls: usedTls === 't', attempt: Number(attempt) }));

export const waiting = async (g, where = 'true') => Number((await g.psql(
	`SELECT count(*) FROM outbox WHERE ${where}`))[0][0]);
