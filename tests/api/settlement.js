// A gateway with three paid fees, and VNPAY's files about them.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { top } from '../setup/site.js';
import { gateway } from './gateway.js';

export const day = (back = 0) => new Date(Date.now() + 7 * 3600e3 -
	back * 86400e3).toISOString().slice(0, 10);
export const today = day();
export const grouped = (n) => String(n).replace(/(\d)(?=(\d{3})+$)/g, '$1.');
const header = 'Mã đơn hàng,Mã giao dịch,Số tiền,Phí,Trạng thái';
export const formatsIn = (g, formats) => writeFileSync(
	path.join(g.dir, 'formats.json'), JSON.stringify(formats));

// What the program comes with, and what an agency would change in it.
export const shipped = () => JSON.parse(readFileSync(
	path.join(top, 'schemas/settlement.json'), 'utf8'));

export const line = (b, { amount = '60.000', fee = '0',
	status = 'Thành công' } = {}) =>
	`${b.attempt},${b.txn},${amount},${fee},${status}`;

export const whole = (lines, total = 60000 * lines.length) => [header, ...lines,
	`Tổng cộng,,${grouped(total)},,`, ''].join('\r\n');

// What is handed in, and what is open of it.
export function files(g) {
	let count = 0;
	return {
		take: (bytes, { of = 'vnpay', day: on = today } = {}) => {
			const file = path.join(g.dir, `settlement-${++count}`);
			writeFileSync(file, bytes);
			return g.cli(['reconcile', '-c', g.configFile, of, file, on]);
		},
		classes: async () => (await g.psql(`SELECT class, txn FROM
			settlement_difference WHERE closed_at IS NULL
			ORDER BY 1, 2`)).map(String),
	};
}

// formats: instead of those that the program comes with.
export async function scene(t, { paid = 3, formats = shipped() } = {}) {
	const g = await gateway(t, { config: { settlement_formats:
		'formats.json' } });
	const bought = [];

	formatsIn(g, formats);
	for (let i = 0; i < paid; i++) {
		const { code } = await g.dossier({ in: 'awaiting-payment' });
		const txn = String(5550000 + i);
		bought.push({ code, txn, ...await g.pay(code,
			{ vnp_TransactionNo: txn }) });
	}
	return { g, bought, ...files(g),
		open: () => g.cli(['reconcile', '--open', '-c', g.configFile]),
		close: (id, ...more) => g.cli(['reconcile', '--close', id, '-c',
			g.configFile, ...more]),
	};
}
