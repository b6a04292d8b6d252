// Chromium, in which each test visits with a context of its own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const desktop = { viewport: { width: 1280, height: 800 } };
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
// Pages may reach this machine only, by names that are sites of their own. It is not done by intercepting their requests, as then preflights are answered without the server.
const atHome = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1';

const how = { executablePath: process.env.SEGUE_CHROMIUM ?? '/usr/bin/chromium', args: [...quiet, atHome] };

// Its contexts are windows without a profile. There Chromium keeps cookies of third parties from requests.
export const launch = () => chromium.launch(how);

// Each of its contexts is a window of a new profile that lets them through.
export function launchKeepingThirdPartyCookies() {
  const profiles = [];
  return {
    async newContext(options) {
      const profile = mkdtempSync(path.join(os.tmpdir(), 'segue-chromium-'));
      profiles.push(profile);
      mkdirSync(path.join(profile, 'Default'));
      writeFileSync(path.join(profile, 'Default/Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
      return chromium.launchPersistentContext(profile, { ...how, ...options });
    },
    async close() {
      for (const profile of profiles) rmSync(profile, { recursive: true, force: true });
    },
  };
}

// Runs `journey` in a browser context of its own, so that no cookie is left over from another one. What a page's scripts or content
// policy complain about fails the test.
export async function visit(browser, options, journey) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const complaints = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      const text = message.text();
      // A page that refuses to stand in a frame says so here, and is right.
      if (/content security|refused to/i.test(text) && !/frame-ancestors|x-frame-options/i.test(text)) complaints.push(text);
    });
    await journey(page, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

// Fills in the login page on which `page` stands, or arrives.
export async function logInOn(page, domain, { email, password }) {
  await page.waitForURL((url) => url.host === domain && url.pathname === '/u/login');
  await page.fill('input[name=username]', email);
  await page.fill('input[name=password]', password);
  await page.press('input[name=password]', 'Enter');
}
