// A browser without a screen: keeps cookies as browsers do (by host, whatever the port), follows redirects and submits the
// form of a page. Enough to carry a sign-in through, with every step reported to `onStep`.

export class Browser {
  #cookies = new Map();
  #onStep;

  // A redirect to `stopAt` (an origin) ends a journey: the client there is not a real one.
  constructor({ onStep = () => {}, userAgent = 'Segue sample browser', stopAt } = {}) {
    this.#onStep = onStep;
    this.stopAt = stopAt;
    this.userAgent = userAgent;
  }

  // Plants a cookie as a native app does in its web view's store.
  plant(origin, name, value) {
    this.#store(new URL(origin), `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=None`);
  }

  cookie(origin, name) {
    const host = new URL(origin).hostname;
    return [...this.#cookies.values()].find((cookie) => cookie.host === host && cookie.name === name)?.value;
  }

  get(url, { headers = {} } = {}) {
    return this.#navigate(new URL(url), { method: 'GET', headers });
  }

  // Submits a form of `page` (the first one by default) with `fields` over the values it came with.
  submit(page, fields = {}, form = page.forms[0]) {
    if (!form) throw new Error(`no form on ${redact(page.url)}`);
    const body = new URLSearchParams({ ...form.fields, ...fields });
    const url = new URL(form.action || page.url, page.url);
    if (form.method === 'get') {
      url.search = body;
      return this.#navigate(url, { method: 'GET' });
    }
    return this.#navigate(url, { method: 'POST', body, headers: { origin: new URL(page.url).origin } });
  }

  // Submits pages that submit themselves (form_post responses), as a browser with scripts does.
  async submitAutomatic(page) {
    while (page.forms.length === 1 && page.isAutomatic) page = await this.submit(page);
    return page;
  }

  // Follows a whole sign-in: redirects and self-submitting forms, until a page that waits for the user.
  async open(url, options) {
    return this.submitAutomatic(await this.get(url, options));
  }

  async #navigate(url, { method, body, headers = {} }) {
    for (let hop = 0; hop < 20; hop++) {
      const cookies = this.#cookiesFor(url);
      const response = await fetch(url, {
        method,
        body,
        redirect: 'manual',
        headers: { accept: 'text/html,*/*', 'user-agent': this.userAgent, ...headers, ...asHeader(cookies) },
      });
      for (const line of response.headers.getSetCookie()) this.#store(url, line);
      this.#onStep({ method, url, status: response.status, cookies: cookies.map(({ name }) => name) });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        await response.arrayBuffer();
        url = new URL(location, url);
        if (!/^https?:$/.test(url.protocol) || url.origin === this.stopAt) return readPage(url, response.status, '', response.headers);
        if (response.status !== 307 && response.status !== 308) [method, body, headers] = ['GET', undefined, {}];
        continue;
      }
      return readPage(url, response.status, await response.text(), response.headers);
    }
    throw new Error(`too many redirects at ${redact(url)}`);
  }

  #store(url, line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    const attribute = (key) => {
      const found = attributes.find((part) => part.toLowerCase().split('=')[0] === key);
      return found === undefined ? undefined : found.slice(key.length + 1);
    };
    const path = attribute('path') || '/';
    const key = `${url.hostname} ${path} ${name}`;
    const age = attribute('max-age');
    const expires = age !== undefined ? Date.now() + Number(age) * 1000 : Date.parse(attribute('expires') ?? '') || Infinity;
    if (expires <= Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, { host: url.hostname, path, name, value, expires });
  }

  #cookiesFor(url) {
    return [...this.#cookies.values()].filter(
      ({ host, path, expires }) =>
        host === url.hostname &&
        expires > Date.now() &&
        (url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`)),
    );
  }
}

function asHeader(cookies) {
  return cookies.length ? { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') } : {};
}

const secrets = /^(session_transfer_token|code|id_token|access_token|refresh_token|client_secret|password|csrf)$/;

// A URL fit for a terminal: secrets gone, long values cut short.
export function redact(address) {
  const url = new URL(address);
  const shown = [...url.searchParams].map(([name, value]) => {
    if (secrets.test(name)) return `${name}=[redacted]`;
    return `${name}=${value.length > 40 ? `${value.slice(0, 12)}…` : value}`;
  });
  return `${url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin}${url.pathname}${shown.length ? `?${shown.join('&')}` : ''}`;
}

export function readPage(url, status, text, headers) {
  const forms = [...text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, attributes, content]) => ({
    action: attributeOf(attributes, 'action') ?? '',
    method: (attributeOf(attributes, 'method') ?? 'get').toLowerCase(),
    fields: Object.fromEntries(
      [...content.matchAll(/<input\b([^>]*)>/gi)]
        .map(([, input]) => input)
        .filter((input) => attributeOf(input, 'name') && !/^(submit|button|image|reset|checkbox|radio)$/i.test(attributeOf(input, 'type') ?? ''))
        .map((input) => [attributeOf(input, 'name'), attributeOf(input, 'value') ?? '']),
    ),
  }));
  // A page that waits for its user has a field to type into; one that only carries an answer along has hidden fields alone.
  const isAutomatic = forms.length === 1 && !/<input\b(?![^>]*\btype\s*=\s*["']?(hidden|submit))[^>]*>/i.test(text);
  return { url: url.href, status, text, forms, isAutomatic, headers };
}

function attributeOf(tag, name) {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag);
  return found ? decode(found[1] ?? found[2] ?? found[3]) : undefined;
}

function decode(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : (named[name] ?? whole),
  );
}
