// The demo's people and papers: what is imported beside schemas/data, and the
// form that a portal hands in for the sample procedure.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { document, password, pki, top } from './site.js';

const unit = 'H29.20';
export const procedure = '2.001914.H29';
export const ground = 'Khoản 2 Điều 17 Nghị định 118/2025/NĐ-CP';

export const citizen = {
	kind: 'citizen', name: 'NGUYỄN VĂN AN', id_kind: 'CCCD',
	id: '012345678901', email: 'an.nguyen@example.com', phone: '0901234567',
};

const officerRights = ['dossier-list', 'dossier-read', 'dossier-act',
	'document-add', 'payment-start', 'refund-request', 'refund-approve',
	'score-read', 'feedback-act', 'receipt-read', 'receipt-correct',
	'payment-collect', 'payment-confirm', 'fee-relieve', 'money-match'];
const portalRights = ['dossier-submit', 'dossier-list', 'dossier-read',
	'dossier-act', 'document-add', 'payment-start', 'rating-add',
	'feedback-add', 'event-read'];

const officer = (login, name, title, cert, roles) => ({ login, name, title,
	email: `${login}.sgddt@tphcm.gov.vn`, unit, rights: officerRights, roles,
	password_file: 'password', certificates: [pki(`people/${cert}.crt`)] });

// Officers and the portal name key files, so they are not in schemas/data.
export const people = (callbackUrl) => ({
	tenant: { code: 'sgddt-hcm',
		name: 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh' },
	officers: [
		officer('ptdung', 'Phạm Thị Dung', 'Chuyên viên', 'officer',
			['clerk', 'specialist']),
		officer('vvem', 'Võ Văn Em', 'Chuyên viên', 'officer2',
			['specialist', 'leader']),
	],
	clients: [{ code: 'portal', name: 'Cổng dịch vụ công (thử nghiệm)',
		rights: portalRights, key_file: pki('secret/client.key'),
		...callbackUrl && { callback_url: callbackUrl,
			callback_secret_files: [pki('secret/webhook.secret')] } }],
});

// Loads schemas/data and the people into a site's migrated database.
export async function load(site, callbackUrl) {
	const data = path.join(top, 'schemas/data');
	const file = path.join(site.dir, 'people.json');
	writeFileSync(path.join(site.dir, 'password'), `${password}\n`);
	writeFileSync(file, JSON.stringify(people(callbackUrl), null, '\t'));
	return site.must('import', '-c', site.configFile, ...readdirSync(data)
		.filter((name) => name.endsWith('.json')).sort()
		.map((name) => path.join(data, name)), file);
}

// The files of the sample procedure, as parts of a form.
export const papers = () => ({
	application: { file: 'application-signed.pdf', type: 'application/pdf',
		data: document('application-signed.pdf') },
	transcript: { file: 'transcript.pdf', type: 'application/pdf',
		data: document('transcript.pdf') },
	'transcript-signature': { file: 'transcript.p7s',
		type: 'application/pkcs7-signature', data: document('transcript.p7s') },
	declaration: { file: 'declaration.xml', type: 'application/xml',
		data: document('declaration.xml') },
});

// The form of POST /v1/dossiers.  changes: {dossier: {…}, <part>: {…}}; a part
// that is null is left out.
export function submission(changes = {}) {
	const { dossier, ...parts } = changes;
	const form = { dossier: { procedure, unit, channel: 'online',
		applicant: citizen, documents: [{ name: 'application' },
			{ name: 'transcript', signature: 'transcript-signature' },
			{ name: 'declaration' }], ...dossier },
	...papers(), ...parts };
	return Object.fromEntries(Object.entries(form)
		.filter(([, part]) => part !== null));
}
