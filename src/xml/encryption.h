// XML Encryption of one element to one reader (XML Encryption 1.1): a fresh AES-256 key, carried under the reader's RSA key with
// OAEP. The key and its nonce are xmlsec's own, from OpenSSL.
#pragma once
#include <string>
#include <string_view>

#include "xml/keys.h"

namespace segue::xml {

enum class ContentCipher { aes256_gcm, aes256_cbc };

// An EncryptedData element, which declares its own namespaces.
std::string encrypt(std::string_view element, const PublicKey& reader, ContentCipher cipher);

}  // namespace segue::xml
