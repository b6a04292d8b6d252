// Attack protection and second factors. Destroying them switches them off.
const factors = ['sms', 'push-notification', 'email', 'duo', 'otp', 'webauthn-roaming', 'webauthn-platform', 'recovery-code'];

export const protection = {
  auth0_attack_protection: {
    create: [
      [
        'PATCH',
        'attack-protection/suspicious-ip-throttling',
        {
          enabled: true,
          shields: ['block'],
          allowlist: ['127.0.0.1'],
          stage: { 'pre-login': { max_attempts: 100, rate: 864000 }, 'pre-user-registration': { max_attempts: 50, rate: 1200 } },
        },
        200,
      ],
      [
        'PATCH',
        'attack-protection/brute-force-protection',
        { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], mode: 'count_per_identifier_and_ip', max_attempts: 5 },
        200,
      ],
      [
        'PATCH',
        'attack-protection/breached-password-detection',
        { enabled: false, stage: { 'pre-user-registration': {}, 'pre-change-password': {} } },
        200,
      ],
    ],
    reads: [
      ['attack-protection/breached-password-detection', { enabled: false }],
      [
        'attack-protection/brute-force-protection',
        { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], mode: 'count_per_identifier_and_ip', max_attempts: 5 },
      ],
      [
        'attack-protection/suspicious-ip-throttling',
        {
          enabled: true,
          shields: ['block'],
          allowlist: ['127.0.0.1'],
          stage: { 'pre-login': { max_attempts: 100, rate: 864000 }, 'pre-user-registration': { max_attempts: 50, rate: 1200 } },
        },
      ],
      ['attack-protection/bot-detection', undefined],
      ['attack-protection/captcha', undefined],
    ],
    destroy: ['breached-password-detection', 'brute-force-protection', 'suspicious-ip-throttling'].map((each) => [
      'PATCH',
      `attack-protection/${each}`,
      { enabled: false },
      200,
    ]),
    after: ['breached-password-detection', 'brute-force-protection', 'suspicious-ip-throttling'].map((each) => [
      `attack-protection/${each}`,
      { enabled: false },
    ]),
  },

  auth0_guardian: {
    // policy = "never" and no factor: what is never asked for is not demanded here either.
    create: [['PUT', 'guardian/policies', [], 200], ...factors.map((name) => ['PUT', `guardian/factors/${name}`, { enabled: false }, 200])],
    reads: [
      ['guardian/policies', undefined],
      ['guardian/factors', factors.map((name) => ({ name, enabled: false }))],
    ],
    destroy: [
      ['PUT', 'guardian/policies', [], 200],
      ...factors.map((name) => ['PUT', `guardian/factors/${name}`, { enabled: false }, 200]),
    ],
  },
};
