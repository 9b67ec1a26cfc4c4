// Looks every second whether the bank has answered, and shows it without a
// reload.  Without this script the page reloads itself now and then.
(() => {
	const second = 1000;
	const patience = 30 * 60 * second;
	const began = Date.now();
	let tag = '';

	async function look(accept, headers) {
		return fetch(location.href, { cache: 'no-store',
			headers: { accept, ...headers } });
	}

	// The main part anew; what the reader has opened stays open.
	async function show() {
		const page = new DOMParser().parseFromString(
			await (await look('text/html')).text(), 'text/html');
		const fresh = page.querySelector('main');
		const open = document.querySelector('details')?.open;
		const now = document.querySelector('.state');
		const next = fresh.querySelector('.state');
		if (now.textContent === next.textContent &&
		    document.querySelector('main').textContent === fresh.textContent)
			return;
		// The box itself stays, so that readers of screens hear it change.
		now.className = next.className;
		now.replaceChildren(...next.childNodes);
		next.replaceWith(now);
		document.querySelector('main').replaceChildren(...fresh.childNodes);
		const details = document.querySelector('details');
		if (details && open)
			details.open = true;
	}

	async function again() {
		try {
			const res = await look('application/json',
				tag ? { 'if-none-match': tag } : {});
			if (res.status === 200) {
				tag = res.headers.get('etag') ?? '';
				const { state, receipt, vouchers } = await res.json();
				await show();
				if (state === 'nothing' || receipt && !vouchers.some(
					(v) => v.state === 'pending'))
					return;
			}
		} catch {
			// No network for a moment: the next look may have one.
		}
		if (Date.now() - began < patience)
			setTimeout(again, second);
	}

	again();
})();
