// VNPay's notice (IPN) as VNPay signs it: HMAC-SHA512 over the pairs in byte
// order, values encoded as PHP's urlencode does.
import { createHmac } from 'node:crypto';

import { secret } from './site.js';

const encode = (value) => encodeURIComponent(value)
	.replace(/[!'()*~]/g, (c) =>
		`%${c.charCodeAt(0).toString(16).toUpperCase()}`)
	.replace(/%20/g, '+');

// The query of a notice; key defaults to the demo's hash secret.
export function signed(fields, key = secret('vnpay.secret')) {
	const text = Object.entries(fields).filter(([, value]) => value !== '')
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
	const mac = createHmac('sha512', key).update(text).digest('hex');
	return `${text}&vnp_SecureHash=${mac}`;
}

// VNPay's own number of a transaction: one for each reference.
const transaction = (ref) => String(10n ** 14n +
	BigInt(`0x${Buffer.from(ref).toString('hex')}`) % (9n * 10n ** 14n));

// The notice that says that what pay_url asks for has been paid; key as above.
export function paid(payUrl, changes = {}, key = undefined) {
	const asked = new URL(payUrl).searchParams;
	return signed({
		vnp_TmnCode: asked.get('vnp_TmnCode'),
		vnp_Amount: asked.get('vnp_Amount'),
		vnp_BankCode: 'NCB', vnp_BankTranNo: 'VNP14226112',
		vnp_CardType: 'ATM', vnp_PayDate: '20261123101112',
		vnp_OrderInfo: asked.get('vnp_OrderInfo'),
		vnp_TransactionNo: transaction(asked.get('vnp_TxnRef')),
		vnp_ResponseCode: '00', vnp_TransactionStatus: '00',
		vnp_TxnRef: asked.get('vnp_TxnRef'), ...changes }, key);
}
