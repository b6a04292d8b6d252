// The schemas of OASIS, as Debian carries them (opensaml-schemas, xmltooling-schemas), by xmllint.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folder = '/usr/share/xml/opensaml';
export const skip = existsSync(folder) ? false : 'opensaml-schemas is not installed';

const federation = 'http://docs.oasis-open.org/wsfed/federation/200706';
const metadata = 'urn:oasis:names:tc:SAML:2.0:metadata';

// Where the schemas that they import by address stand here.
const imported = {
  'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
  'http://www.w3.org/2001/xml.xsd': 'xml.xsd',
};

// Neither Debian nor npm has a schema of the namespace fed:. What stands in for it knows that a service is a role of the metadata (WS-Federation 1.2
// §3.1.2), and lets anything of fed: stand where the role may have more: the rest of the document is held against SAML's schema.
const standIn = `
  <schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:md="${metadata}" targetNamespace="${federation}">
    <import namespace="${metadata}" schemaLocation="${folder}/saml-schema-metadata-2.0.xsd"/>
    <complexType name="SecurityTokenServiceType">
      <complexContent>
        <extension base="md:RoleDescriptorType">
          <sequence>
            <any namespace="##targetNamespace" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
          </sequence>
        </extension>
      </complexContent>
    </complexType>
  </schema>`;

let made;
function own() {
  if (made) return made;
  made = mkdtempSync(path.join(os.tmpdir(), 'segue-schemas-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  const entries = Object.entries(imported).map(
    ([address, file]) => `<system systemId="${address}" uri="/usr/share/xml/xmltooling/${file}"/>`,
  );
  writeFileSync(path.join(made, 'catalog.xml'), `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">${entries.join('')}</catalog>`);
  writeFileSync(path.join(made, 'federation.xsd'), standIn);
  return made;
}

// By the name of the document's element.
const schemas = {
  Response: () => path.join(folder, 'saml-schema-protocol-2.0.xsd'),
  LogoutRequest: () => path.join(folder, 'saml-schema-protocol-2.0.xsd'),
  LogoutResponse: () => path.join(folder, 'saml-schema-protocol-2.0.xsd'),
  EntityDescriptor: () => path.join(folder, 'saml-schema-metadata-2.0.xsd'),
  'EntityDescriptor of WS-Federation': () => path.join(own(), 'federation.xsd'),
  Assertion: () => path.join(folder, 'saml-schema-assertion-2.0.xsd'),
  'Assertion of SAML 1.1': () => path.join(folder, 'cs-sstc-schema-assertion-1.1.xsd'),
};

export const rootOf = (xml) => /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w-]+:)?(\w+)/.exec(xml)?.[1];

function kindOf(xml) {
  const root = rootOf(xml);
  if (root === 'EntityDescriptor' && xml.includes(federation)) return 'EntityDescriptor of WS-Federation';
  if (root === 'Assertion' && xml.includes('urn:oasis:names:tc:SAML:1.0:assertion')) return 'Assertion of SAML 1.1';
  return root;
}

// Throws unless `xml` is what its schema allows. Gives what kind of message it is.
export function against(xml, name = 'message') {
  const kind = kindOf(xml);
  assert.ok(Object.hasOwn(schemas, kind), `${name}: there is no schema for ${kind}`);
  const run = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schemas[kind](), '-'], {
    input: xml,
    encoding: 'utf8',
    env: { ...process.env, XML_CATALOG_FILES: path.join(own(), 'catalog.xml') },
  });
  assert.equal(run.status, 0, `${name}: ${run.error ?? run.stderr}\n${xml}`);
  return kind;
}
