// What a tenant has one of: settings, branding, mail, domains, keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const theme = {
  borders: {
    button_border_radius: 3,
    button_border_weight: 1,
    buttons_style: 'rounded',
    input_border_radius: 3,
    input_border_weight: 1,
    inputs_style: 'rounded',
    show_widget_shadow: true,
    widget_border_weight: 0,
    widget_corner_radius: 5,
  },
  colors: Object.fromEntries(
    (
      'body_text error header icons input_background input_border input_filled_text input_labels_placeholders links_focused_components ' +
      'primary_button primary_button_label secondary_button_border secondary_button_label success widget_background widget_border'
    )
      .split(' ')
      .map((each) => [each, '#1e212a']),
  ),
  fonts: {
    ...Object.fromEntries(
      ['body_text', 'buttons_text', 'input_labels', 'links', 'subtitle', 'title'].map((each) => [each, { bold: false, size: 100 }]),
    ),
    font_url: '',
    links_style: 'normal',
    reference_text_size: 16,
  },
  page_background: { background_color: '#000000', background_image_url: '', page_layout: 'center' },
  widget: { header_text_alignment: 'center', logo_height: 52, logo_position: 'center', logo_url: '', social_buttons_layout: 'bottom' },
};

export function settings(sdk, { gone, name }) {
  test("the tenant's settings", async () => {
    const { settings } = sdk.tenants;
    const { friendly_name = '' } = await settings.get();
    assert.deepEqual(Object.keys(await settings.get({ fields: 'flags', include_fields: true })), ['flags']);
    assert.equal((await settings.update({ friendly_name: 'Acme', session_lifetime: 72 })).friendly_name, 'Acme');
    await settings.update({ friendly_name });
  });

  test('branding, its theme and its page', async () => {
    const { branding } = sdk;
    await branding.get();
    assert.equal(
      (await branding.update({ colors: { primary: '#0059d6' }, logo_url: 'https://a.example/logo.png' })).colors.primary,
      '#0059d6',
    );
    const { themeId } = await branding.themes.create({ displayName: name('theme'), ...theme });
    assert.equal((await branding.themes.getDefault()).themeId, themeId);
    await branding.themes.update(themeId, { displayName: name('theme'), ...theme });
    await branding.themes.get(themeId);
    await branding.themes.delete(themeId);
    await gone(branding.themes.getDefault());
    const page = '<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>';
    await branding.templates.updateUniversalLogin({ template: page }).catch(({ statusCode }) => assert.equal(statusCode, 400));
    await branding.templates.getUniversalLogin().catch(({ statusCode }) => assert.equal(statusCode, 404));
    await branding.templates.deleteUniversalLogin();
  });

  test('prompts', async () => {
    const { prompts } = sdk;
    await prompts.getSettings();
    await prompts.updateSettings({ identifier_first: true });
    await prompts.customText.set('login', 'en', { login: { title: 'Welcome' } });
    assert.equal((await prompts.customText.get('login', 'en')).login.title, 'Welcome');
    await prompts.partials.set('login', { login: { 'form-content-start': '<p>Hello</p>' } });
    assert.ok((await prompts.partials.get('login')).login);
    await prompts.partials.set('login', {});
    await prompts.customText.set('login', 'en', {});
  });

  test('mail', async () => {
    const { provider } = sdk.emails;
    const template = { template: 'welcome_email', body: '<p>Welcome</p>', from: '', subject: 'Welcome', syntax: 'liquid', enabled: true };
    await provider.create({
      name: 'smtp',
      default_from_address: 'post@acme.example',
      credentials: { smtp_host: 'mail.acme.example', smtp_port: 587, smtp_user: 'acme', smtp_pass: 'secret' },
    });
    await provider.update({ default_from_address: 'mail@acme.example' });
    assert.equal(
      (await provider.get({ fields: 'name,default_from_address', include_fields: true })).default_from_address,
      'mail@acme.example',
    );
    await provider.delete();
    await gone(provider.get());
    await sdk.emailTemplates.create(template);
    await sdk.emailTemplates.update('welcome_email', { subject: 'Hello' });
    assert.equal((await sdk.emailTemplates.get('welcome_email')).subject, 'Hello');
    await sdk.emailTemplates.set('welcome_email', { ...template, enabled: false });
  });

  test('attack protection', async () => {
    const { bruteForceProtection, suspiciousIpThrottling } = sdk.attackProtection;
    await bruteForceProtection.get();
    assert.equal((await bruteForceProtection.update({ max_attempts: 7 })).max_attempts, 7);
    await suspiciousIpThrottling.get();
    await suspiciousIpThrottling.update({ allowlist: ['192.0.2.0/24'] });
  });

  test('texts and providers of second factors', async () => {
    const { phone, sms, pushNotification } = sdk.guardian.factors;
    const texts = { enrollment_message: 'Enrol with {{code}}', verification_message: 'Your code is {{code}}' };
    await phone.setMessageTypes({ message_types: ['sms'] });
    assert.deepEqual((await phone.getMessageTypes()).message_types, ['sms']);
    await phone.setTemplates(texts);
    assert.deepEqual(await phone.getTemplates(), texts);
    await sms.setTemplates(texts);
    assert.deepEqual(await sms.getTemplates(), texts);
    for (const [factor, provider] of [
      [phone, 'twilio'],
      [sms, 'twilio'],
      [pushNotification, 'sns'],
    ]) {
      await factor.setProvider({ provider });
      assert.equal((await factor.getSelectedProvider()).provider, provider);
    }
  });

  test('custom domains', async () => {
    const { customDomains } = sdk;
    const domain = `${name('id').replaceAll(' ', '-')}.example.com`;
    const { custom_domain_id: id } = await customDomains.create({ domain, type: 'auth0_managed_certs' });
    assert.equal((await customDomains.get(id)).domain, domain);
    await customDomains.update(id, { tls_policy: 'recommended' });
    await customDomains.verify(id);
    await customDomains.test(id);
    assert.ok((await customDomains.list()).some((each) => each.custom_domain_id === id));
    await customDomains.getDefault();
    await customDomains.setDefault({ domain }).catch(({ statusCode }) => assert.ok(statusCode < 500, 'a claim that nobody confirmed'));
    await customDomains.delete(id);
    await gone(customDomains.get(id));
  });

  test('figures', async () => {
    await sdk.stats.getActiveUsersCount();
    await sdk.stats.getDaily({ from: '20260101', to: '20260102' });
  });
}

export function signingKeys(sdk) {
  test('signing keys', async () => {
    const { signing } = sdk.keys;
    const keys = await signing.list();
    const { kid } = keys.find(({ current }) => current);
    await signing.get(kid);
    await signing.rotate();
    const previous = (await signing.list()).find(({ previous: was }) => was);
    assert.equal(previous.kid, kid);
    await signing.revoke(kid);
  });
}
