// What the tests of this folder share: keys, a time, and changes to genuine messages.
#pragma once
#include <string>

#include "base/result.h"
#include "support/foreign_key.h"
#include "xml/keys.h"

namespace segue::saml_messages {

struct TestKeys {
  static constexpr auto kFrom = base::from_seconds(1'700'000'000), kUntil = base::from_seconds(1'900'000'000);
  test::ForeignKey pem = test::ForeignKey::rsa(), other_pem = test::ForeignKey::rsa();
  xml::PrivateKey own{crypto::Secret(pem.private_pem()), pem.certificate(kFrom, kUntil)};
  xml::PrivateKey other{crypto::Secret(other_pem.private_pem()), other_pem.certificate(kFrom, kUntil)};
  xml::PublicKey own_public = *xml::PublicKey::from_pem(pem.certificate(kFrom, kUntil));
};

inline const TestKeys& test_keys() {
  static const TestKeys made;
  return made;
}

const auto kNow = *base::from_iso8601("2026-05-08T16:00:56.685Z");

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw base::Bug("the test replaces nothing: " + what);
  return text.replace(at, what.size(), with);
}

// A text that is refused, and a part of what is said about it.
struct Refusal {
  const char* name;
  std::string text;
  const char* why;
};

}  // namespace segue::saml_messages
