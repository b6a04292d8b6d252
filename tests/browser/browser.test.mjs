// Chromium: the handoff and the login page as people meet them. Screenshots go to build/screenshots.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { aNativeClient, aUser, domain, sampleWeb, signedInApp } from '../peers/world.mjs';
import { desktop, launch, phone, visit as visitWith } from './chromium.mjs';

const screenshots = path.resolve(import.meta.dirname, '../../build/screenshots');

let browser, web, ada, app;
before(async () => {
  mkdirSync(screenshots, { recursive: true });
  browser = await launch();
  ada = await aUser();
  app = await signedInApp(await aNativeClient(), ada);
  web = await sampleWeb();
});
after(async () => {
  await browser?.close();
  await web?.close();
});

const visit = (options, journey) => visitWith(browser, options, journey);
const shoot = (page, name) => page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
const greeted = async (page, { name }) => {
  await page.waitForURL(`${web.baseURL}/`);
  assert.equal(await page.locator('#name').textContent(), name);
};
const prompted = (page) => page.waitForURL((url) => url.host === domain && url.pathname === '/u/login');

async function plant(context, value) {
  const [host] = domain.split(':');
  const expires = Math.floor(Date.now() / 1000) + 60;
  await context.addCookies([
    { name: 'auth0_session_transfer_token', value, domain: host, path: '/', secure: true, httpOnly: true, sameSite: 'None', expires },
  ]);
}

describe('the handoff', () => {
  for (const [device, options] of Object.entries({ phone, desktop })) {
    test(`a cookie planted by the native app signs the user in (${device})`, () =>
      visit(options, async (page, context) => {
        await plant(context, await app.sessionTransferToken());
        await page.goto(`${web.baseURL}/login`);
        await greeted(page, ada);
        const left = (await context.cookies(`https://${domain}`)).map(({ name }) => name);
        assert.ok(!left.includes('auth0_session_transfer_token'), 'the token cookie is gone');
        await shoot(page, `signed-in-${device}`);
      }));
  }

  test('the URL parameter signs the user in, and stays in no page URL', () =>
    visit(desktop, async (page) => {
      const token = await app.sessionTransferToken();
      const documents = [];
      page.on('framenavigated', (frame) => documents.push(frame.url()));
      await page.goto(`${web.baseURL}/login?session_transfer_token=${encodeURIComponent(token)}`);
      await greeted(page, ada);
      assert.ok(!page.url().includes(token));
      // The page that posts the answer back may stand at /authorize for a moment; nothing after it may know the token.
      assert.ok(documents.filter((url) => url.startsWith(web.baseURL)).every((url) => !url.includes(token)));
    }));

  test('a second app visit needs neither token nor password', () =>
    visit(desktop, async (page, context) => {
      await plant(context, await app.sessionTransferToken());
      await page.goto(`${web.baseURL}/login`);
      await greeted(page, ada);
      await context.clearCookies({ name: 'appSession' });
      await page.goto(`${web.baseURL}/login`);
      await greeted(page, ada);
    }));

  test('a spent token leads to the login page, which signs in', () =>
    visit(desktop, async (page) => {
      const token = await app.sessionTransferToken();
      await visit(desktop, async (other) => {
        await other.goto(`${web.baseURL}/login?session_transfer_token=${encodeURIComponent(token)}`);
        await greeted(other, ada);
      });
      await page.goto(`${web.baseURL}/login?session_transfer_token=${encodeURIComponent(token)}`);
      await prompted(page);
      assert.ok(!page.url().includes(token));
      await page.fill('input[name=username]', ada.email);
      await page.fill('input[name=password]', ada.password);
      await page.press('input[name=password]', 'Enter');
      await greeted(page, ada);
    }));

  test('a token in a frame is left alone', () =>
    visit(desktop, async (page) => {
      const token = await app.sessionTransferToken();
      await page.goto(web.baseURL);
      await page.evaluate((src) => {
        const frame = document.createElement('iframe');
        frame.src = src;
        return new Promise((resolve) => {
          frame.onload = resolve;
          frame.onerror = resolve;
          document.body.append(frame);
        });
      }, `${web.baseURL}/login?session_transfer_token=${encodeURIComponent(token)}`);
      await page.goto(`${web.baseURL}/login?session_transfer_token=${encodeURIComponent(token)}`);
      await greeted(page, ada);
    }));
});

describe('the login page', () => {
  test('by keyboard alone', () =>
    visit(desktop, async (page) => {
      await page.goto(`${web.baseURL}/login`);
      await prompted(page);
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name') ?? document.activeElement?.localName);
      for (let presses = 0; (await focused()) !== 'username'; presses++) {
        assert.ok(presses < 5, 'the user name is among the first things that Tab reaches');
        await page.keyboard.press('Tab');
      }
      await page.keyboard.type(ada.email);
      for (let presses = 0; (await focused()) !== 'password'; presses++) {
        assert.ok(presses < 3, 'the password follows');
        await page.keyboard.press('Tab');
      }
      await page.keyboard.type(ada.password);
      const marked = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderColor;
      });
      assert.ok(marked, 'one sees where the focus is');
      for (let presses = 0; !/button|submit/.test(await page.evaluate(() => document.activeElement.type ?? '')); presses++) {
        assert.ok(presses < 5, 'the button follows');
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await greeted(page, ada);
    }));

  for (const [device, options] of Object.entries({ phone, desktop })) {
    test(`looks whole, with and without an error (${device})`, () =>
      visit(options, async (page) => {
        await page.goto(`${web.baseURL}/login`);
        await prompted(page);
        await shoot(page, `login-${device}`);
        const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        assert.ok(!isWide, 'nothing is wider than the screen');
        await page.fill('input[name=username]', ada.email);
        await page.fill('input[name=password]', 'not the password');
        await page.press('input[name=password]', 'Enter');
        await page.getByRole('alert').waitFor();
        await shoot(page, `login-error-${device}`);
        assert.equal(await page.inputValue('input[name=username]'), ada.email, 'what was typed stays');
        assert.equal(await page.inputValue('input[name=password]'), '', 'but the password');
      }));
  }

  test('names what it asks for, to a screen reader too', () =>
    visit(desktop, async (page) => {
      await page.goto(`${web.baseURL}/login`);
      await prompted(page);
      assert.ok(await page.evaluate(() => document.documentElement.lang), 'the page has a language');
      assert.ok(await page.title());
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      for (const name of ['username', 'password']) {
        const labels = await page.locator(`input[name=${name}]`).evaluate((input) => input.labels.length || input.ariaLabel);
        assert.ok(labels, `${name} has a label`);
      }
      assert.match((await page.getAttribute('input[name=username]', 'autocomplete')) ?? '', /username|email/);
      assert.equal(await page.getAttribute('input[name=password]', 'autocomplete'), 'current-password');
    }));

  test('works with scripts disabled', () =>
    visit({ ...desktop, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${web.baseURL}/login`);
      await prompted(page);
      await page.fill('input[name=username]', ada.email);
      await page.fill('input[name=password]', ada.password);
      await page.press('input[name=password]', 'Enter');
      // A form_post answer submits itself by script; without scripts it offers a button.
      const button = page.locator('form:not(:has(input[name=password]))').locator('button, input[type=submit]');
      const name = page.locator('#name');
      await button.or(name).first().waitFor();
      if (!(await name.count())) await button.first().click();
      await greeted(page, ada);
    }));

  test('no user name, known or unknown, is told apart', () =>
    visit(desktop, async (page) => {
      const texts = [];
      for (const username of [ada.email, 'nobody.at.all@example.com']) {
        await page.goto(`${web.baseURL}/login`);
        await prompted(page);
        await page.fill('input[name=username]', username);
        await page.fill('input[name=password]', 'not the password');
        await page.press('input[name=password]', 'Enter');
        texts.push(await page.getByRole('alert').textContent());
      }
      assert.equal(texts[0], texts[1]);
    }));
});
