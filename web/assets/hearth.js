/*
 * What scripts add to pages that work without them: copy buttons, keys, ranges
 * of lines, times in the reader's words, colours of code, menus that close.
 * One file, no dependencies; anything it cannot do, the page still does.
 */
(() => {
'use strict';
const root = document.documentElement;
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
root.classList.add('scripted');

/* ---- copying ---- */
const copy = async (text, button) => {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		const area = document.createElement('textarea');
		area.value = text;
		area.className = 'visually-hidden';
		document.body.append(area);
		area.select();
		document.execCommand('copy');
		area.remove();
	}
	if (!button)
		return;
	const use = button.querySelector('use');
	const before = use && use.getAttribute('href');
	if (use)
		use.setAttribute('href', before.replace(/#.*/, '#check'));
	const said = document.getElementById('said');
	if (said)
		said.textContent = said.dataset.copied;
	setTimeout(() => {
		if (use)
			use.setAttribute('href', before);
		if (said)
			said.textContent = '';
	}, 1500);
};
document.addEventListener('click', (event) => {
	const button = event.target.closest('[data-copy]');
	if (!button)
		return;
	const from = document.getElementById(button.dataset.copy);
	copy(from ? (from.value || from.innerText).trim() : button.dataset.copy, button);
});
all('.copybox input').forEach((input) => input.addEventListener('focus', () => input.select()));

/* ---- menus ---- */
document.addEventListener('click', (event) => {
	all('details.menu[open]').forEach((menu) => {
		if (!menu.contains(event.target))
			menu.open = false;
	});
});

/* ---- the open tab is seen, however narrow the screen ---- */
all('.tabs [aria-current], .sidenav [aria-current]').forEach((tab) => {
	const bar = tab.parentElement;
	bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
});

/* ---- times ---- */
const steps = [[60, 'second'], [60, 'minute'], [24, 'hour'], [30.4, 'day'], [12, 'month'], [1e9, 'year']];
const ago = new Intl.RelativeTimeFormat(root.lang, { numeric: 'auto' });
const full = new Intl.DateTimeFormat(root.lang, { dateStyle: 'full', timeStyle: 'long' });
const tell = (time) => {
	const at = new Date(time.dateTime);
	if (isNaN(at))
		return;
	let value = (at - Date.now()) / 1000;
	for (const [size, unit] of steps) {
		if (Math.abs(value) < size) {
			time.textContent = ago.format(Math.round(value), unit);
			break;
		}
		value /= size;
	}
	time.title = full.format(at);
};
const times = (from) => all('time[datetime]', from).forEach(tell);
/* What the server sent of the parts that change, before times are told: equal parts stay.
   Forms have another token in each answer; all of them are good. */
const markup = (part) => part.innerHTML.replace(/(name="csrf" value=")\w+/g, '$1');
const sent = {};
all('[data-part]').forEach((part) => { sent[part.dataset.part] = markup(part); });
times(document);
setInterval(() => document.hidden || times(document), 60000);

/* ---- lines of a file ---- */
const code = document.querySelector('.code[data-lines]');
const range = () => {
	const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
	return match && [+match[1], +(match[2] || match[1])].sort((a, b) => a - b);
};
const showRange = (scroll) => {
	all('.l.on', code).forEach((line) => line.classList.remove('on'));
	const at = range();
	if (!at)
		return;
	for (let n = at[0]; n <= at[1] && n < at[0] + 50000; n++) {
		const line = document.getElementById('L' + n);
		if (!line)
			break;
		line.classList.add('on');
	}
	const first = document.getElementById('L' + at[0]);
	if (scroll && first)
		first.scrollIntoView({ block: 'center' });
};
if (code) {
	code.addEventListener('click', (event) => {
		const link = event.target.closest('.l > a');
		const at = range();
		if (!link || event.ctrlKey || event.metaKey)
			return;
		event.preventDefault();
		const n = +link.textContent;
		const hash = event.shiftKey && at
			? `#L${Math.min(at[0], n)}-${Math.max(at[0], n)}` : `#L${n}`;
		history.replaceState(null, '', hash);
		showRange(false);
	});
	addEventListener('hashchange', () => showRange(true));
	showRange(true);
}

/* ---- what changes while one looks: pipelines, jobs, logs, merges ---- */
/* By XMLHttpRequest: the content security policy lets no script parse markup from text. */
const fetchPage = (url) => new Promise((done, failed) => {
	const ask = new XMLHttpRequest();
	ask.responseType = 'document';
	ask.onload = () => (ask.status === 200 && ask.response ? done(ask.response) : failed());
	ask.onerror = failed;
	ask.open('GET', url);
	ask.send();
});
const live = document.querySelector('[data-live]');
const log = document.getElementById('log');
/* The innermost open section at this depth: each section is the last thing of the one around it. */
const sectionAt = (depth) => {
	let place = log;
	for (; depth > 0; depth--) {
		const sections = all('details.fold-log > .in', place).filter((one) =>
			one.parentElement.parentElement.closest('.in, #log') === place);
		if (!sections.length)
			break;
		place = sections.pop();
	}
	return place;
};
const addPiece = (piece) => {
	if (piece.dataset.reset)
		log.replaceChildren();
	all('[data-open]', log).forEach((line) => line.remove());
	let last = null;
	all(':scope > .log-group', piece).forEach((group, at) => {
		const place = sectionAt(+group.dataset.depth);
		if (at > 0 && group.dataset.took) {
			const sections = all('details.fold-log', place).filter((one) =>
				one.parentElement.closest('.in, #log') === place);
			if (sections.length)
				sections.pop().querySelector('.took').textContent = group.dataset.took;
		}
		last = group.lastElementChild || last;
		place.append(...group.childNodes);
	});
	const empty = document.getElementById('log-empty');
	if (empty && last)
		empty.remove();
	const follow = document.getElementById('log-follow');
	if (last && follow && follow.checked && !document.hidden)
		all('.l', log).pop().scrollIntoView({ block: 'nearest' });
};
if (live && live.dataset.live && 'EventSource' in window) {
	const shown = log && log.querySelector('.log-piece');
	let next = shown && shown.dataset.next;
	let busy = false;
	let again = false;
	const grow = async () => {
		while (log && log.dataset.more && next) {
			const page = await fetchPage(log.dataset.more + '?at=' + encodeURIComponent(next));
			const piece = page.querySelector('.log-piece');
			if (!piece)
				return;
			addPiece(document.importNode(piece, true));
			if (piece.dataset.next === next)
				return;
			next = piece.dataset.next;
		}
	};
	const renew = async () => {
		const fresh = await fetchPage(location.href);
		all('[data-part]', live).forEach((part) => {
			const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
			if (!other || markup(other) === sent[part.dataset.part] || part.querySelector('details[open]:not(.fold-log)'))
				return;
			sent[part.dataset.part] = markup(other);
			const chosen = all('input[type=checkbox]', part).filter((box) => box.checked !== box.defaultChecked);
			part.replaceChildren(...document.importNode(other, true).childNodes);
			chosen.forEach((box) => all(`input[name="${box.name}"]`, part).forEach((same) => { same.checked = box.checked; }));
			times(part);
		});
	};
	let status = '';
	const look = async (event) => {
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		try {
			const word = event ? event.data.split(' ').pop() : '';
			await grow();
			if (!log || word !== status || !event)
				await renew();
			status = word;
		} catch {
			/* the next change tries again */
		}
		busy = false;
		if (again) {
			again = false;
			look(null);
		}
	};
	let source = null;
	const listen = () => {
		if (source || document.hidden || !live.dataset.live)
			return;
		source = new EventSource(live.dataset.live);
		source.addEventListener('change', look);
		source.addEventListener('end', () => {
			source.close();
			live.dataset.live = '';
			look(null);
		});
	};
	document.addEventListener('visibilitychange', () => {
		if (document.hidden && source) {
			source.close();
			source = null;
		} else {
			listen();
		}
	});
	listen();
}

/* ---- last commits that were not ready with the page ---- */
const lazy = document.querySelector('[data-more]');
if (lazy) {
	fetchPage(lazy.dataset.more).then((page) => {
		const fresh = page.querySelector('table.files');
		if (fresh) {
			lazy.replaceWith(document.importNode(fresh, true));
			times(document);
		}
	}, () => {});
}

/* ---- find file ---- */
const finder = document.querySelector('input[data-filter]');
if (finder) {
	const rows = all('#' + finder.dataset.filter + ' > li');
	const fits = (text, want) => {
		let at = 0;
		for (const c of want) {
			at = text.indexOf(c, at) + 1;
			if (at === 0)
				return false;
		}
		return true;
	};
	finder.addEventListener('input', () => {
		const want = finder.value.toLowerCase().replace(/\s/g, '');
		let shown = 0;
		rows.forEach((row) => {
			row.hidden = shown >= 500 || !fits(row.textContent.toLowerCase(), want);
			shown += !row.hidden;
		});
	});
	finder.addEventListener('keydown', (event) => {
		const first = rows.find((row) => !row.hidden);
		if (event.key === 'Enter' && first) {
			event.preventDefault();
			first.querySelector('a').click();
		}
	});
}

/* ---- keys: any link or field that carries data-key ---- */
const keysOff = () => localStorage.getItem('keys') === 'off';
const dialog = document.getElementById('keys');
const choice = document.getElementById('keys-on');
if (choice) {
	choice.checked = !keysOff();
	choice.addEventListener('change', () => localStorage.setItem('keys', choice.checked ? 'on' : 'off'));
}
const press = (keys) => {
	const target = all('[data-key]').find((one) => one.dataset.key.split(',').includes(keys));
	if (!target)
		return false;
	if (target.matches('input, textarea, select'))
		target.focus();
	else
		target.click();
	return true;
};
let first = '';
document.addEventListener('keydown', (event) => {
	const typing = event.target.closest('input, textarea, select, [contenteditable]');
	if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && typing && typing.form) {
		typing.form.requestSubmit();
		return;
	}
	if (event.key === 'Escape') {
		all('details.menu[open]').forEach((menu) => { menu.open = false; });
		if (typing)
			typing.blur();
	}
	if (typing || event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (event.key === '?' && dialog) {
		event.preventDefault();
		dialog.open ? dialog.close() : dialog.showModal();
		return;
	}
	if (keysOff() || (dialog && dialog.open))
		return;
	const keys = first + event.key;
	first = '';
	if (keys === 'g') {
		first = 'g ';
		setTimeout(() => { first = ''; }, 1500);
	} else if (press(keys)) {
		event.preventDefault();
	}
});

/* ---- colours of code ---- */
const words = (text) => new Set(text.split(' '));
const common = 'if else for while do switch case default break continue return new try catch finally throw class public private protected static void int long float double char bool boolean true false null const enum import package interface extends this super function var let in of typeof async await struct union typedef sizeof unsigned signed extern inline goto fn pub use mod impl trait match mut self Self where type func defer go chan map range nil select string namespace template using virtual override auto final abstract yield export from delete instanceof NULL size_t register volatile nullptr operator val fun when object is as';
const script = 'if then else elif fi for while do done case esac function return in local export readonly set unset exit def class import from as with try except finally raise pass lambda yield global nonlocal assert and or not is None True False async await del break continue elsif end unless module require begin rescue ensure self nil true false puts echo cd source';
const query = 'select from where insert into values update set delete create table index view drop alter add primary key foreign references not null unique default check constraint begin commit rollback join left right inner outer on group by order having limit offset union all distinct as and or in is exists case when then else end with returning bigint text integer boolean timestamptz';
const kinds = {
	c: { line: '//', block: ['/*', '*/'], words: words(common) },
	sh: { line: '#', words: words(script) },
	sql: { line: '--', block: ['/*', '*/'], words: words(query), nocase: true },
	yaml: { line: '#', words: words('true false null yes no on off'), key: true },
	css: { block: ['/*', '*/'], words: words('important') },
	html: { block: ['<!--', '-->'], words: words('') },
	json: { words: words('true false null') },
};
const by = { sh: 'sh', bash: 'sh', py: 'sh', rb: 'sh', pl: 'sh', mk: 'sh', r: 'sh', makefile: 'sh', dockerfile: 'sh', sql: 'sql', yml: 'yaml', yaml: 'yaml', toml: 'yaml', ini: 'yaml', conf: 'yaml', cfg: 'yaml', css: 'css', scss: 'c', html: 'html', htm: 'html', xml: 'html', svg: 'html', vue: 'html', json: 'json' };
'c h cc cpp cxx hpp hh cs java js mjs cjs ts tsx jsx go rs kt kts swift php dart scala m mm proto zig d glsl'.split(' ').forEach((end) => { by[end] = 'c'; });

const paint = (lines, kind) => {
	let inside = false;
	const token = /("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)|(\b(?:0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?)\b)|([A-Za-z_][\w-]*)|([^\w\s"'`]+?)/gy;
	for (const line of lines) {
		const text = line.textContent;
		const out = document.createDocumentFragment();
		const put = (part, name) => {
			if (!name) {
				out.append(part);
				return;
			}
			const mark = document.createElement('i');
			mark.className = name;
			mark.textContent = part;
			out.append(mark);
		};
		let at = 0;
		let painted = false;
		while (at < text.length) {
			const [open, close] = kind.block || [];
			if (inside || (open && text.startsWith(open, at))) {
				const end = text.indexOf(close, inside ? at : at + open.length);
				const stop = end < 0 ? text.length : end + close.length;
				put(text.slice(at, stop), 'c');
				inside = end < 0;
				at = stop;
				painted = true;
				continue;
			}
			if (kind.line && text.startsWith(kind.line, at) && (kind.line !== '#' || at === 0 || /\s/.test(text[at - 1]))) {
				put(text.slice(at), 'c');
				at = text.length;
				painted = true;
				continue;
			}
			token.lastIndex = at;
			const match = token.exec(text);
			if (!match) {
				put(text[at++]);
				continue;
			}
			let name = '';
			if (match[1])
				name = 's';
			else if (match[2])
				name = 'n';
			else if (match[3] && (kind.words.has(kind.nocase ? match[3].toLowerCase() : match[3]) ||
			    (kind.key && /^[\s-]*$/.test(text.slice(0, at)) && text[at + match[3].length] === ':')))
				name = 'k';
			put(match[0], name);
			painted = painted || name !== '';
			at += match[0].length;
		}
		if (painted)
			line.replaceChildren(out);
	}
};
const colour = () => {
	const name = (code.dataset.name || '').toLowerCase();
	const kind = kinds[by[name.split('.').pop()]];
	const lines = all('.l > span', code);
	if (!kind || lines.length > 5000)
		return;
	const some = () => {
		paint(lines, kind);
	};
	'requestIdleCallback' in window ? requestIdleCallback(some) : setTimeout(some, 30);
};
if (code)
	colour();
})();
