// VietQR as NAPAS writes it, for a bank's application to read: objects within
// objects, a CRC over all.  Written from the specification alone.
export function crc(text) {
	let value = 0xffff;
	for (const byte of Buffer.from(text)) {
		value ^= byte << 8;
		for (let bit = 0; bit < 8; bit++)
			value = ((value << 1) ^ (value & 0x8000 ? 0x1021 : 0)) & 0xffff;
	}
	return value.toString(16).toUpperCase().padStart(4, '0');
}

const object = (id, value) =>
	`${id}${String(value.length).padStart(2, '0')}${value}`;

export function write({ bank, account, amount, content }) {
	const text = [object('00', '01'), object('01', '12'), object('38',
		object('00', 'A000000727') + object('01',
			object('00', bank) + object('01', account)) +
		object('02', 'QRIBFTTA')), object('53', '704'),
	object('54', String(amount)), object('58', 'VN'),
	object('62', object('08', content)), '6304'].join('');
	return text + crc(text);
}

function objects(text) {
	const found = {};
	for (let at = 0; at < text.length;) {
		const len = Number(text.slice(at + 2, at + 4));
		found[text.slice(at, at + 2)] = text.slice(at + 4, at + 4 + len);
		at += 4 + len;
	}
	return found;
}

// {bank, account, amount, content}; throws at a text that is none.
export function read(text) {
	if (crc(text.slice(0, -4)) !== text.slice(-4))
		throw new Error(`CRC of ${text}`);
	const all = objects(text);
	const transfer = objects(all['38']);
	const to = objects(transfer['01']);
	if (all['00'] !== '01' || transfer['00'] !== 'A000000727' ||
		all['53'] !== '704')
		throw new Error(`no VietQR: ${text}`);
	return { bank: to['00'], account: to['01'], amount: Number(all['54']),
		content: objects(all['62'] ?? '')['08'] };
}
