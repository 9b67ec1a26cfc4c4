// `make run`: the demo's cast, left running.  Started by run.sh, which waits
// for the line "ready"; ends on SIGTERM, when everything else has ended.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { citizen } from '../setup/sample.js';
import { password, pki, secret } from '../setup/site.js';
import { cast, start } from './cast.js';
import { wallets } from './wallets.js';

const others = await wallets();
const show = await cast('run', { port: 8443, config: others.config,
	allow: others.allow });
const { site, mail, portal } = show;
const providers = await others.up(site.url, start);
await site.must('migrate', '-c', site.configFile);
await show.load();
await site.start();

// The portal of the demo lives in a process that nobody steers here, so its
// key is shown; this is a demo, and these keys open nothing else.
writeFileSync(path.join(site.dir, 'README'), `
hosogate đang chạy · is running

  API, HTTPS          ${site.url}      (CA: ${pki('tls/ca.crt')})
  API, HTTP           unix socket ${site.unixSocket}
  vận hành · operator unix socket ${site.operatorSocket}  (/readyz /metrics)
  cấu hình · config   ${site.configFile}
  nhật ký · log       ${site.logFile}
  VNPay (giả lập)     https://localhost:${show.vnpayPort}
${providers.shown}
  thư · mail          ${mail.url}      (${mail.dir})
  callback            ${portal.callbacks}

  cán bộ · officers   ptdung, vvem; mật khẩu · password: ${password}
  cổng · portal       Authorization: Bearer ${secret('client.key')}
  công dân · citizen  ${citizen.name}, CCCD ${citizen.id}
  tài liệu · papers   .run/documents/

  curl --cacert ${pki('tls/ca.crt')} ${site.url}/v1/stats/on-time
  make stop           dừng · stops it; dữ liệu còn lại · the data stay
`);
console.log(readFileSync(path.join(site.dir, 'README'), 'utf8'));
console.log('ready');

for (const name of ['SIGTERM', 'SIGINT'])
	process.once(name, async () => {
		const code = await show.stop();
		await providers.stop();
		process.exit(code === 0 ? 0 : 1);
	});
