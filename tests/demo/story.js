// `make demo`: the main job on real files, end to end, told as it happens.
// Whatever is shown came through a public interface: the command line, the
// HTTPS API, an SMTP server, a portal's callback receiver; only the row that
// is falsified in step 11 is changed behind the gateway's back.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { call, multipart } from '../setup/http.js';
import { citizen, procedure } from '../setup/sample.js';
import { password, pki, program, psql, run, top, until }
	from '../setup/site.js';
import { cast } from './cast.js';
import { dong, fact, must, note, step, vn } from './telling.js';

const paper = (name) => path.join(top, '.run/documents', name);
const at = (name) => path.relative(top, name);

const show = await cast('demo', { config: {
	form_key_file: pki('people/agency.p12'),
	form_password_file: pki('people/.password'),
	settlement_formats: path.join(top, 'schemas/settlement.json') } });
const { site, mail, portal } = show;

async function openssl(...args) {
	const done = await run('openssl', args);
	return done.stdout.trim();
}

async function tellPki() {
	step(1, 'Hạ tầng khóa công khai thử nghiệm, chỉ bằng lệnh openssl.',
		'A demo PKI, made with the openssl command alone.');
	const name = async (file) => (await openssl('x509', '-in', pki(file),
		'-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb'))
		.replace('subject=', '');
	fact('Gốc công cộng · public root', await name('public/root.crt'));
	fact('CA cấp phát · issuing CA', await name('untrusted/issuing.crt'));
	fact('Công dân · citizen', await name('people/citizen.crt'));
	fact('Doanh nghiệp · enterprise', await name('people/enterprise.crt'));
	fact('Gốc Chính phủ · government', await name('government/root.crt'));
	fact('Cán bộ · officer', await name('people/officer.crt'));
	const crls = readdirSync(pki('crl'));
	fact('CRL', `${crls.length}: ${crls.join(', ')}`);
}

// The sample procedure's next version: with an internal process (ISO 9001).
async function importSteps(tenant, p) {
	const file = path.join(site.dir, 'steps.json');
	const steps = [['reception', 'Tiếp nhận', 'clerk'],
		['appraisal', 'Thẩm định', 'specialist'],
		['signing', 'Ký kết quả', 'leader']].map(([code, title, role]) =>
		({ code, title, role, limit_amount: 8, limit_unit: 'working-hour' }));
	writeFileSync(file, JSON.stringify({ tenant,
		procedures: [{ ...p, version: p.version + 1, steps }] }));
	await site.must('import', '-c', site.configFile, file);
	fact('Quy trình nội bộ · steps', steps.map((s) => s.title).join(' → '));
}

async function tellImport() {
	step(2, 'Nạp thủ tục, lệ phí, thời hạn, lịch làm việc, đơn vị, cán bộ.',
		'Load the procedure, its fee and limit, the calendar, the officers.');
	await site.must('migrate', '-c', site.configFile);
	await show.load();
	const data = (name) => JSON.parse(
		readFileSync(path.join(top, 'schemas/data', name), 'utf8'));
	const p = data('procedures-education.json').procedures
		.find((one) => one.code === procedure);
	await importSteps(data('procedures-education.json').tenant, p);
	const [calendar] = data('calendar-vn.json').calendars;
	fact('Thủ tục · procedure', `${p.code} ${p.name}`);
	fact('Lĩnh vực · field', p.field_name);
	fact('Thời hạn · limit', `${p.limit_amount} ${p.limit_unit}`);
	fact('Phí · fee', p.fees.map((f) => `${f.title}: ${dong(f.amount)}`)
		.join('; '));
	for (const d of p.documents)
		fact(d.role === 'result' ? 'Kết quả · result' : 'Giấy tờ · document',
			`${d.title} (${d.formats.join(', ')}; ký: ${d.signer})`);
	const kinds = (kind) => calendar.days.filter((d) => d.kind === kind);
	fact('Lịch · calendar', `${kinds('off').length} ngày nghỉ · days off, ` +
		`${kinds('make-up').length} ngày làm bù · make-up days`);
}

async function verify(name, ...more) {
	const done = await site.cli(['verify', '--json', '--trust', pki('public'),
		'--crl', pki('crl'), ...more, paper(name)]);
	return { code: done.code, ...JSON.parse(done.stdout.split('\n')[0]) };
}

async function tellDocuments() {
	step(3, 'Ba tài liệu được ký bằng công cụ của người khác.',
		'Three documents, signed by tools that are not ours.');
	for (const [name, tool, ...more] of [
		['application-signed.pdf', 'pdfsig (poppler, NSS)'],
		['transcript.p7s', 'openssl cms -sign -cades',
			'--content', paper('transcript.pdf')],
		['declaration.xml', 'xmlsec1 --sign']]) {
		const seen = await verify(name, ...more);
		const [s] = seen.signatures;
		must(seen.code === 0 && seen.indication === 'TOTAL-PASSED',
			`${name}: ${seen.format}, ${tool},`,
			`${statSync(paper(name)).size} byte → ${seen.indication}`);
		note(`${s.signer.name} · ${Object.entries(s.signer.ids)
			.map(([kind, id]) => `${kind} ${id}`).join(', ')} · ${s.level} · ` +
			`${s.algorithm} ${s.key_bits} · ${s.digest}`);
	}
}

const form = (application) => ({
	dossier: { procedure, unit: 'H29.20', channel: 'online',
		client_ref: 'demo-1', applicant: citizen,
		documents: [{ name: 'application' },
			{ name: 'transcript', signature: 'transcript-signature' },
			{ name: 'declaration' }] },
	application: { file: paper(application) },
	transcript: { file: paper('transcript.pdf') },
	'transcript-signature': { file: paper('transcript.p7s') },
	declaration: { file: paper('declaration.xml') },
});

function refused(answer, what) {
	const fault = answer.json.errors?.[0];
	const report = answer.json.documents?.[0]?.report;
	must(answer.status === 422, what, `→ ${answer.status} ${answer.json.code}` +
		` tại · at ${fault?.pointer}`);
	note(`${answer.json.titles.vi} · ${answer.json.titles.en}`);
	note(`${report?.indication} / ${report?.subindication}`);
}

async function tellSubmission() {
	step(4, 'Cổng dịch vụ công nộp hồ sơ trong một yêu cầu POST /v1/dossiers.',
		'The portal submits them in one POST /v1/dossiers.');
	const began = Date.now();
	const res = await portal.form('/v1/dossiers',
		form('application-signed.pdf'));
	must(res.status === 201, 'đã tiếp nhận · registered', `→ ${res.status}, ` +
		`${Date.now() - began} ms`);
	const d = res.json;
	fact('Mã hồ sơ · code', d.code);
	fact('Trạng thái · state', `${d.state} (${d.state_vi})`);
	for (const doc of d.documents)
		fact(`Chữ ký · signature ${doc.name}`, `${doc.report.indication} · ` +
			`${doc.verdict} · ${doc.report.signatures[0].signer.name}`);
	fact('Trả lời trước · intake due', vn(d.intake_due_at));
	fact('Dự kiến trả kết quả · expected', vn(d.expected_due_at));
	must(/^H29\.20-\d{6}-\d{4}$/.test(d.code), 'mã đúng mẫu · code of the form',
		'<đơn vị>-<YYMMDD>-<NNNN>');
	refused(await portal.form('/v1/dossiers', form('application-tampered.pdf')),
		'PDF bị sửa một byte · one byte of the PDF changed');
	refused(await portal.form('/v1/dossiers', form('application-stranger.pdf')),
		'ký dưới gốc lạ · signed under an unknown root');
	return d;
}

async function logIn(login) {
	const res = await site.call({ method: 'POST', path: '/v1/sessions',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ login, password }) });
	must(res.status === 201, 'cán bộ đăng nhập · officer logs in:',
		res.json?.name ?? res.text);
	const ask = (method, where, headers, body) => site.call({ method,
		path: where, body, headers: {
			authorization: `Bearer ${res.json.token}`, ...headers } });
	return { get: (where) => ask('GET', where),
		async act(code, action, more = {}) {
			const seen = await ask('GET', `/v1/dossiers/${code}`);
			const done = await ask('POST', `/v1/dossiers/${code}/actions`, {
				'if-match': seen.headers.etag,
				'idempotency-key': `"demo-${seen.json.version}"`,
				'content-type': 'application/json' },
			JSON.stringify({ action, ...more }));
			must(done.status === 200, `${action} →`,
				done.json?.state ?? done.text);
			return done.json;
		}, ask };
}

// VNPay's simulator: its page is opened, then its buttons are pressed.
async function openPayPage(url) {
	const { pathname, search, searchParams } = new URL(url);
	const ask = (method, where) => call({ port: show.vnpayPort,
		ca: readFileSync(pki('tls/ca.crt')) }, { method, path: where });
	const page = await ask('GET', pathname + search);
	must(page.status === 200, 'trang thanh toán VNPay mở · the page opens');
	return async (what) => {
		const res = await ask('POST',
			`/control/orders/${searchParams.get('vnp_TxnRef')}/${what}`);
		if (res.status >= 300)
			throw new Error(`VNPay: ${what}: ${res.text}`);
		return res.json;
	};
}

// The mail to the citizen whose attached PDF has that name, once it is there.
const mailWith = (name) => until(() => mail.mails.find((m) =>
	m.to === citizen.email && m.files.some((f) => name.test(f.name))),
{ what: `a mail brings ${name}` });

// Saves what a mail brings, and has hosogate verify judge it: the public and
// the government's roots are all that it is given.
async function tellPaper(what, name) {
	const sent = await mailWith(name);
	const [file] = sent.files;
	const kept = path.join(site.dir, file.name);
	writeFileSync(kept, file.bytes);
	fact(what, `${sent.to} ← ${file.name}, ${file.bytes.length} byte`);
	const done = await site.cli(['verify', '--json', '--trust',
		pki('government'), '--crl', pki('crl'), kept]);
	const seen = JSON.parse(done.stdout.split('\n')[0]);
	must(done.code === 0 && seen.indication === 'TOTAL-PASSED',
		`hosogate verify ${at(kept)} →`, `${seen.indication} · ` +
		seen.signatures[0].signer.name);
	return kept;
}

async function tellAcceptance(clerk, code) {
	step(5, 'Cán bộ tiếp nhận: đồng hồ chạy, mẫu 01 đã ký đến bằng thư.',
		'An officer accepts: the clock starts, form 01 comes signed by mail.');
	const accepted = await clerk.act(code, 'accept');
	fact('Tiếp nhận lúc · accepted at', vn(accepted.clock.accepted_at));
	fact('Hạn trả ban đầu · original due', vn(accepted.clock.original_due_at));
	tellHolder(accepted);
	await tellPaper('Mẫu 01 · form 01', /^mau-01-/);
	must(accepted.clock.state === 'paused', 'đồng hồ dừng chờ phí ·',
		`the clock is paused: ${accepted.state_vi}`);
}

const tellHolder = ({ holder }) => fact('Ai đang giữ · who holds it',
	`${holder.step}: ${holder.officer ?? `${holder.role}?`}`);

async function tellPayment(officer, code) {
	step(6, 'Trả phí qua VNPay; chỉ thông báo đúng mới được tin.',
		'The fee is paid by VNPay; only a right notice is believed.');
	const start = await portal.post(`/v1/dossiers/${code}/payments`,
		{ provider: 'vnpay' });
	must(start.status === 201, 'bắt đầu thanh toán VNPay · payment starts:',
		start.json ? `${start.json.attempt}, ${dong(start.json.amount)}`
			: start.text);
	const vnpay = await openPayPage(start.json.pay_url);
	for (const [what, said, wanted] of [
		['forge', 'IPN giả mạo · forged', '97'],
		['other-amount', 'IPN sai số tiền · other amount', '04'],
		['other-amount', 'lặp lại · the same again', '04']]) {
		const { answers } = await vnpay(what);
		must(answers[0].RspCode === wanted, `${said} →`,
			JSON.stringify(answers[0]));
	}
	must((await officer.get(`/v1/dossiers/${code}`)).json.state ===
		'awaiting-payment', 'chưa có gì thay đổi · nothing has changed');
	const { answers, return_url: back } = await vnpay('success');
	must(answers[0].RspCode === '00', 'IPN thật · the real one →',
		JSON.stringify(answers[0]));
	const d = await until(async () => {
		const res = await officer.get(`/v1/dossiers/${code}`);
		return res.json.state === 'processing' && res.json;
	}, { what: 'the payment arrives' });
	must(true, 'đã trả tiền, đồng hồ chạy tiếp · paid, the clock runs again');
	for (const late of (await vnpay('duplicate')).answers)
		must(late.RspCode === '02', 'IPN lặp sau khi trả · a late duplicate →',
			JSON.stringify(late));
	const [pause] = d.pauses;
	fact('Dừng · paused', `${vn(pause.began_at)} – ${vn(pause.ended_at)}, ` +
		`${pause.working_seconds} giây làm việc · working seconds`);
	fact('Hạn trả · due', `${vn(d.clock.due_at)} (ban đầu · originally ` +
		`${vn(d.clock.original_due_at)})`);
	return { attempt: start.json.attempt, amount: start.json.amount,
		txn: new URL(back).searchParams.get('vnp_TransactionNo') };
}

async function tellReceipt(officer, code) {
	step(7, 'Biên lai điện tử: một số cho một khoản phí, ký số, gửi bằng thư.',
		'The electronic receipt: one number a fee, signed, sent by mail.');
	await tellPaper('Biên lai · receipt', /^bien-lai-/);
	const { receipts } = (await officer.get(`/v1/dossiers/${code}`)).json;
	must(receipts.length === 1, 'chỉ một biên lai · one receipt:',
		`số ${receipts[0].number}, ${dong(receipts[0].amount)}`);
	const check = await site.call({ path: `/v1/receipts/${receipts[0].code}` });
	must(check.status === 200 && check.json.state === 'issued' &&
		!check.text.includes(citizen.name),
	'ai cũng tra được bằng mã QR · anyone may check its QR:',
	`${check.json.state}, không lộ người nộp · without the payer's name`);
}

async function tellSteps(clerk, leader, code) {
	step(8, 'Hồ sơ đi từng bước; lúc nào cũng biết ai giữ; mẫu 06 ghi lại.',
		'It goes step by step, always in known hands; form 06 records it.');
	tellHolder(await clerk.act(code, 'hand-over'));
	tellHolder(await clerk.act(code, 'take'));
	tellHolder(await clerk.act(code, 'hand-over', { officer: 'vvem' }));
	await tellResult(leader, code);
	const { json } = await clerk.get(`/v1/dossiers/${code}/steps`);
	for (const s of json.steps)
		fact(`${s.code} · ${s.officer}`, `${s.outcome}, ` +
			`${s.working_seconds} giây làm việc · working seconds`);
	const slip = await clerk.get(`/v1/dossiers/${code}/forms/06`);
	must(slip.status === 200 && slip.bytes.subarray(0, 5).equals(
		Buffer.from('%PDF-')), 'mẫu 06 · form 06:', `${slip.bytes.length} byte`);
}

async function tellResult(officer, code) {
	const out = path.join(site.dir, 'result-signed.pdf');
	await sign(paper('result.pdf'), out);
	fact('Đã ký · signed', `${at(out)}, ${statSync(out).size} byte`);
	const res = await postResult(officer, code, out);
	const doc = res.json.documents.at(-1);
	must(doc.indication === 'TOTAL-PASSED', 'chữ ký kết quả · the result:',
		`${doc.format} ${doc.indication}`);
	must(res.json.state === 'resolved', 'đã xử lý xong lúc · resolved at',
		vn(res.json.clock.ended_at));
	must(new Date(res.json.clock.ended_at) <= new Date(
		res.json.clock.original_due_at), 'đúng hạn · on time');
	const done = await officer.act(code, 'return');
	must(done.state === 'returned', 'đã trả kết quả · returned');
}

async function tellMessages(officer, code) {
	step(9, 'Thư điện tử và gọi lại đã đến nơi.',
		'The e-mails and the callbacks have arrived.');
	const ours = () => mail.mails.filter((m) =>
		`${m.subject} ${m.text}`.includes(code));
	const mails = await until(() => ours().some((m) =>
		m.to.includes(citizen.email) && /kết quả/i.test(m.subject)) && ours(),
	{ what: 'the mail with the result arrives' });
	for (const m of mails)
		fact(m.to, `${m.tls ? 'TLS' : 'plain'} · ${m.subject}`);
	must(mails.some((m) => m.to === 'ptdung.sgddt@tphcm.gov.vn'),
		'cán bộ nhận ở hộp thư công vụ · the officer at the official address');
	const feed = (await portal.get('/v1/events?limit=200')).json.items
		.filter((e) => e.dossier === code);
	// Who holds it inside the agency is no business of the portal's.
	const outside = feed.filter((e) => !/hand-over|take/.test(e.type));
	const told = await until(async () => {
		const { received } = await portal.received();
		return received.length >= outside.length && received;
	}, { within: 60000, what: 'the portal has every callback' });
	must((await portal.received()).refused === 0,
		`${told.length} lời gọi lại, chữ ký đều đúng ·`,
		'callbacks, every signature is right');
	for (const e of feed)
		fact(`#${e.seq} ${vn(e.at)}`, e.type);
	must(outside.every((e) => told.some((one) => one.type === e.type)),
		'GET /v1/events kể cùng một câu chuyện · tells the same story');
}

// VNPay's file of the day, as its merchants' portal gives it.
function settlement(rows) {
	const money = (n) => dong(n).replace(' đồng', '');
	const file = path.join(site.dir, `vnpay-${rows.length}.csv`);
	writeFileSync(file, ['Mã đơn hàng,Mã giao dịch,Số tiền,Phí,Trạng thái',
		...rows.map((r) => `${r.attempt},${r.txn},${money(r.amount)},0,` +
			'Thành công'), `Tổng cộng,,${money(rows.reduce((sum, r) =>
			sum + r.amount, 0))},,`, ''].join('\n'));
	return file;
}

async function closeDifference(clerk, reconcile) {
	note('Còn 1 đồng của IPN sai số tiền, VNPay không có: hai cán bộ đóng ' +
		'lại, có ghi chú.');
	note('Left is the 1 đồng of the other amount, unknown to VNPay: two ' +
		'officers close it with a note.');
	const [id] = (await reconcile('--open')).stdout.match(/^\d+/);
	await site.must('reconcile', '-c', site.configFile, '--close', id,
		'--by', 'vvem', '--note', 'VNPay không có giao dịch này');
	const done = await clerk.ask('POST',
		`/v1/payments/differences/${id}/actions`, {
			'content-type': 'application/json',
			'idempotency-key': '"demo-difference"' },
		JSON.stringify({ action: 'confirm' }));
	must(done.status === 200, 'người thứ hai xác nhận · another confirms',
		done.json?.state ?? done.text);
}

async function tellMoney(clerk, paid) {
	step(10, 'Sổ kép cân; đối chiếu với tệp đối soát của VNPay.',
		"The ledger balances; VNPay's settlement file is held against it.");
	const ledger = await site.must('ledger', 'check', '-c', site.configFile);
	console.log(ledger.stdout.trim().replace(/^/gm, '     '));
	const day = vn(new Date()).slice(0, 10);
	const reconcile = (...args) => site.cli(
		['reconcile', '-c', site.configFile, ...args]);
	const short = await reconcile('vnpay', settlement([]), day);
	must(short.code === 1, 'tệp thiếu một giao dịch · a file without it:',
		short.stdout.trim().split('\n').at(-1));
	const whole = await reconcile('vnpay', settlement([paid]), day);
	console.log(whole.stdout.trim().replace(/^/gm, '     '));
	await closeDifference(clerk, reconcile);
	const open = await reconcile('--open');
	must(open.code === 0, 'không còn chênh lệch · nothing is open',
		open.stdout.trim());
}

async function tellEvidence(code) {
	step(12, 'Xuất hồ sơ với chứng cứ; máy khác kết luận lại, không cần mạng.',
		'Exported with its evidence; judged again from the folder alone.');
	const folder = path.join(site.dir, code);
	await site.must('audit', 'export', '-c', site.configFile, code, folder);
	fact('Thư mục · folder', `${at(folder)}: ${readdirSync(folder).join(' ')}`);
	const again = await run(program, ['audit', 'rejudge', folder],
		{ env: {} });
	must(again.code === 0, 'hosogate audit rejudge, không cấu hình · ' +
		'without configuration, database or server');
	console.log(again.stdout.trim().replace(/^/gm, '     '));
}

async function tellRecord(officer, code) {
	step(11, 'Sổ sự kiện kiểm được; sửa một dòng là lộ; điểm và tỷ lệ đúng hạn.',
		'The record is proved, a falsified row is named; scores, on-time rate.');
	const audit = () => site.cli(['audit', 'verify', '-c', site.configFile]);
	const good = await until(async () => {
		const done = await audit();
		return (done.code !== 0 || !/heads +0 /.test(done.stdout)) && done;
	}, { what: 'a head is signed' });
	must(good.code === 0, 'hosogate audit verify');
	console.log(good.stdout.trim().replace(/^/gm, '     '));
	const [[id]] = await psql('demo', `SELECT e.id FROM event e JOIN dossier d
		ON d.id = e.dossier_id WHERE d.code = '${code}' AND e.kind = 'resolve'`);
	const falsify = (expression) => psql('demo',
		`SET session_replication_role = replica;
		 UPDATE event SET data = ${expression} WHERE id = ${id}`);
	await falsify(`data || ' '`);
	const bad = await audit();
	must(bad.code !== 0 && `${bad.stdout}${bad.stderr}`.includes(id),
		`sau khi sửa dòng ${id} · after row ${id} was changed:`,
		`${bad.stdout}${bad.stderr}`.trim());
	await falsify('rtrim(data)');
	must((await audit()).code === 0, 'trả lại như cũ · put back');

	const rated = await portal.post(`/v1/dossiers/${code}/rating`,
		{ stars: 5, comment: 'Nhanh và rõ ràng' });
	must(rated.status === 201, 'công dân đánh giá · the citizen rates it:',
		`${rated.json?.stars}/5`);
	const year = String(new Date().getFullYear());
	const score = await site.must('score', '-c', site.configFile,
		'--set', 'plan-2023', '--period', year);
	console.log(score.stdout.trim().replace(/^/gm, '   '));
	const stats = (await site.call({ path: '/v1/stats/on-time' })).json;
	for (const f of stats.tenants[0].fields)
		fact(`Đúng hạn · on time: ${f.group}`,
			`${f.numerator}/${f.denominator} = ${f.rate} %`);
	must(stats.tenants[0].fields.some((f) => f.numerator >= 1),
		'công bố lúc · as of', vn(stats.as_of));
}

async function sign(from, to) {
	await site.must('sign', '--pkcs12', pki('people/officer2.p12'),
		'--password-file', pki('people/.password'), '--out', to, from);
}

async function postResult(officer, code, file) {
	const { body, type } = multipart({
		dossier: { documents: [{ name: 'result' }] },
		result: { data: readFileSync(file), file: 'result.pdf' } });
	const res = await officer.ask('POST', `/v1/dossiers/${code}/documents`, {
		'content-type': type, 'idempotency-key': '"demo-result"' }, body);
	must(res.status === 201, 'nộp kết quả · the result is posted',
		res.status === 201 ? '' : res.text);
	return res;
}

let failed = 0;
try {
	console.log('hosogate: một hồ sơ, từ đầu đến cuối · ' +
		'one dossier, from end to end');
	await tellPki();
	await tellImport();
	await tellDocuments();
	await site.start();
	const { code } = await tellSubmission();
	const clerk = await logIn('ptdung');
	const leader = await logIn('vvem');
	await tellAcceptance(clerk, code);
	const paid = await tellPayment(clerk, code);
	await tellReceipt(clerk, code);
	await tellSteps(clerk, leader, code);
	await tellMessages(clerk, code);
	await tellMoney(clerk, paid);
	await tellRecord(clerk, code);
	await site.stop();
	await tellEvidence(code);
	console.log('\nHết · The end. Mọi chương trình đã dừng · all is stopped.');
} catch (e) {
	failed = 1;
	console.error(`\n${e.stack}\n\n${site.log.slice(-3000)}`);
	if (site.child?.gone)
		console.error(`hosogate ended by itself: ${await site.exited}`);
} finally {
	await show.stop();
}
process.exit(failed);
