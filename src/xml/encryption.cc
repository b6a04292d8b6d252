#include "xml/encryption.h"

#include "xml/document.h"
#include "xml/library.h"
#include "xml/writer.h"

namespace segue::xml {
namespace {

constexpr Limits kLimits{.bytes = 16 * 1024 * 1024, .nodes = 1000, .depth = 64, .attributes = 64};

std::string encryption_template(ContentCipher cipher) {
  Writer out;
  const auto empty_cipher = [&] { out.open("xenc:CipherData").open("xenc:CipherValue").close().close(); };
  out.open("xenc:EncryptedData").declare("xenc", "http://www.w3.org/2001/04/xmlenc#");
  out.attribute("Type", "http://www.w3.org/2001/04/xmlenc#Element");
  out.open("xenc:EncryptionMethod");
  out.attribute("Algorithm", cipher == ContentCipher::aes256_gcm ? "http://www.w3.org/2009/xmlenc11#aes256-gcm"
                                                                 : "http://www.w3.org/2001/04/xmlenc#aes256-cbc");
  out.close();
  out.open("ds:KeyInfo").declare("ds", "http://www.w3.org/2000/09/xmldsig#").open("xenc:EncryptedKey");
  out.open("xenc:EncryptionMethod").attribute("Algorithm", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p");
  // The hash that readers without support for others assume; it carries no signature.
  out.open("ds:DigestMethod").attribute("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1").close().close();
  empty_cipher();
  out.close().close();
  empty_cipher();
  out.close();
  return std::move(out).finish();
}

Owned<xmlSecKeysMngr> manager_with(_xmlSecKey* key) {
  auto manager = require_owned(xmlSecKeysMngrCreate(), "xmlSecKeysMngrCreate");
  require(xmlSecCryptoAppDefaultKeysMngrInit(manager.get()) == 0, "xmlSecCryptoAppDefaultKeysMngrInit");
  auto copy = require_owned(xmlSecKeyDuplicate(key), "xmlSecKeyDuplicate");
  require(xmlSecCryptoAppDefaultKeysMngrAdoptKey(manager.get(), copy.get()) == 0, "xmlSecCryptoAppDefaultKeysMngrAdoptKey");
  copy.release();
  return manager;
}

}  // namespace

std::string encrypt(std::string_view element, const PublicKey& reader, ContentCipher cipher) {
  const QuietErrors quiet;
  const auto parsed = Document::parse(encryption_template(cipher), kLimits);
  require(parsed.ok(), "the template of an encryption");
  const auto manager = manager_with(reader.handle());
  const auto context = require_owned(xmlSecEncCtxCreate(manager.get()), "xmlSecEncCtxCreate");
  context->encKey = xmlSecKeyGenerateByName(chars("aes"), 256, xmlSecKeyDataTypeSession);
  require(context->encKey != nullptr, "xmlSecKeyGenerateByName");
  require(xmlSecEncCtxBinaryEncrypt(context.get(), parsed->root().node(), reinterpret_cast<const xmlSecByte*>(element.data()),
                                    static_cast<xmlSecSize>(element.size())) == 0,
          "xmlSecEncCtxBinaryEncrypt");
  const auto buffer = require_owned(xmlBufferCreate(), "xmlBufferCreate");
  require(xmlNodeDump(buffer.get(), parsed->doc(), parsed->root().node(), 0, 0) > 0, "xmlNodeDump");
  return std::string(view(xmlBufferContent(buffer.get())));
}

}  // namespace segue::xml
