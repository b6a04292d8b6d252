// The certificates that metadata of SAML or WS-Federation names, in its order: base64 of the DER.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace segue::test {

inline std::vector<std::string> certificates_in(const std::string& metadata) {
  constexpr std::string_view kElement = "<ds:X509Certificate>";
  std::vector<std::string> out;
  for (auto at = metadata.find(kElement); at != std::string::npos; at = metadata.find(kElement, at + 1))
    out.push_back(metadata.substr(at + kElement.size(), metadata.find('<', at + 1) - at - kElement.size()));
  return out;
}

}  // namespace segue::test
