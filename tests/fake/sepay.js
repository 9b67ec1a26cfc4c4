// A bank account that SePay watches: people transfer, SePay tells.  Written
// from SePay's pages on webhooks, authentication and errors.
//
//	const sepay = await startSepay({ key, cert, ca, secret, auth: 'hmac',
//		callback: 'https://localhost:443/v1/payments/callbacks/vietqr' });
//	await sepay.transfer(qr, changes, how)   what a payer's bank makes of a QR
//	    changes    of the webhook's fields: transferAmount, content, id,
//	               transferType, accountNumber ...
//	    how        {secret, skew in seconds, mac, times}
//	    -> {status, text, json}; it calls until it hears 2xx and success
import { createHmac } from 'node:crypto';

import { Provider } from './provider.js';
import { read } from './vietqr.js';

class Sepay extends Provider {
	id = Math.floor(Math.random() * 1e9);
	times = 1; // 8 in life: +1, 1, 2, 3, 5, 8, 13 min

	routes = {};

	proof(body, { secret = this.secret, skew = 0, mac } = {}) {
		if (this.auth === 'apikey')
			return { authorization: `Apikey ${secret}` };
		const stamp = String(Math.floor(Date.now() / 1000) + skew);
		return { 'x-sepay-timestamp': stamp, 'x-sepay-signature': mac ??
			`sha256=${createHmac('sha256', secret)
				.update(`${stamp}.${JSON.stringify(body)}`).digest('hex')}` };
	}

	// Banks write in capitals and put their own words around.
	event(qr, changes = {}) {
		const asked = read(qr);
		const id = ++this.id;
		return { id, gateway: 'Vietcombank',
			transactionDate: '2024-06-01 10:11:12',
			accountNumber: asked.account, code: null,
			content: `MBVCB.${id}.${asked.content}.CT tu 0123 toi 4567`,
			transferType: 'in', transferAmount: asked.amount,
			accumulated: 19077000, subAccount: null,
			referenceCode: `FT${id}`, description: '', ...changes };
	}

	tell(body, how) {
		return this.post(this.callback, body, this.proof(body, how));
	}

	async transfer(qr, changes, how) {
		const body = this.event(qr, changes);
		let answer;
		for (let n = 0; n < this.times; n++) {
			answer = await this.tell(body, how);
			if (answer.status === 200 && answer.json?.success)
				break;
		}
		return answer;
	}
}

export const startSepay = (options) => new Sepay({ auth: 'hmac', ...options })
	.up();
