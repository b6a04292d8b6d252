// Actions and streams.
const code = 'exports.onExecutePostLogin = async (event, api) => {\n\tconsole.log("tf")\n};\n';
const anAction = (name) => [
  'POST',
  'actions/actions',
  { name, supported_triggers: [{ id: 'post-login', version: 'v3' }], code, dependencies: [], secrets: [] },
  201,
  'action',
];
const built = ['GET', 'actions/actions/{action.id}', undefined, 200, undefined, ({ status }) => status === 'built'];
const deployed = ['GET', 'actions/actions/{action.id}', undefined, 200, undefined, ({ deployed_version }) => deployed_version?.deployed];

export const extending = {
  auth0_action: {
    create: [anAction('tf action'), built, ['POST', 'actions/actions/{action.id}/deploy', null, 200], deployed],
    id: 'actions/actions/{action.id}',
    reads: [
      [
        'actions/actions/{action.id}',
        {
          name: 'tf action',
          code,
          dependencies: undefined,
          secrets: undefined,
          status: 'built',
          supported_triggers: [{ id: 'post-login', version: 'v3' }],
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'actions/actions/{action.id}',
            {
              name: 'tf action',
              supported_triggers: [{ id: 'post-login', version: 'v3' }],
              code: `${code}//\n`,
              dependencies: [],
              secrets: [{ name: 'foo', value: '111111' }],
            },
            200,
          ],
          built,
          ['POST', 'actions/actions/{action.id}/deploy', undefined, 200],
          deployed,
        ],
        gives: { code: `${code}//\n`, secrets: [{ name: 'foo' }] },
      },
    ],
  },

  auth0_trigger_actions: {
    before: [anAction('tf bound'), built, ['POST', 'actions/actions/{action.id}/deploy', undefined, 200], deployed],
    create: [
      [
        'PATCH',
        'actions/triggers/post-login/bindings',
        { bindings: [{ display_name: 'tf bound', ref: { type: 'action_id', value: '{action.id}' } }] },
        200,
      ],
    ],
    reads: [
      [
        'actions/triggers/post-login/bindings?per_page=100',
        { total: 1, per_page: 100, page: undefined, bindings: [{ display_name: 'tf bound', action: { id: '{action.id}' } }] },
      ],
      // A page behind the last one has no total: the provider asks on while it finds one that is larger than where it stands.
      ['actions/triggers/post-login/bindings?page=1&per_page=100', { total: undefined, bindings: undefined, page: 1, per_page: 100 }],
    ],
    destroy: [['PATCH', 'actions/triggers/post-login/bindings', { bindings: [] }, 200]],
    after: [['actions/triggers/post-login/bindings?per_page=100', { bindings: undefined }]],
  },

  auth0_log_stream: {
    create: [
      [
        'POST',
        'log-streams',
        {
          name: 'tf stream',
          type: 'http',
          isPriority: false,
          filters: [{ type: 'category', name: 'auth.login.fail' }],
          sink: {
            httpEndpoint: 'https://siem.example/logs',
            httpContentType: 'application/json; charset=utf-8',
            httpContentFormat: 'JSONLINES',
            httpAuthorization: 'AKIAXXXXXXXXXXXXXXXX',
            httpCustomHeaders: [{ header: 'foo', value: 'bar' }],
          },
        },
        200,
        'stream',
      ],
    ],
    id: 'log-streams/{stream.id}',
    reads: [
      [
        'log-streams/{stream.id}',
        {
          name: 'tf stream',
          type: 'http',
          status: 'active',
          filters: [{ type: 'category', name: 'auth.login.fail' }],
          sink: {
            httpEndpoint: 'https://siem.example/logs',
            httpContentType: 'application/json; charset=utf-8',
            httpContentFormat: 'JSONLINES',
            httpAuthorization: 'AKIAXXXXXXXXXXXXXXXX',
            httpCustomHeaders: [{ header: 'foo', value: 'bar' }],
          },
          ...{ isPriority: undefined, pii_config: undefined },
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'log-streams/{stream.id}',
            {
              name: 'tf stream 2',
              status: 'paused',
              filters: [],
              sink: { httpEndpoint: 'https://siem.example/more', httpContentType: 'application/json', httpContentFormat: 'JSONARRAY' },
            },
            200,
          ],
        ],
        gives: {
          name: 'tf stream 2',
          status: 'paused',
          filters: undefined,
          sink: { httpEndpoint: 'https://siem.example/more', httpContentType: 'application/json', httpContentFormat: 'JSONARRAY' },
        },
      },
    ],
  },
};
