// The local certificate authority of `segue init`, and readings of certificates.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/secret.h"

namespace segue::crypto {

struct IssuedCertificate {
  std::string certificate_pem;
  Secret key_pem;
};

// An ECDSA P-256 authority, valid ten years.
IssuedCertificate make_certificate_authority(std::string_view common_name, base::Instant now);
// An ECDSA P-256 server certificate for `host` (a DNS name or an IP address; "localhost" also gets 127.0.0.1 and ::1), valid 397
// days.
IssuedCertificate make_server_certificate(const IssuedCertificate& authority, const std::vector<std::string>& hosts,
                                          base::Instant now);

struct CertificateFacts {
  base::Instant not_before, not_after;
  std::vector<std::string> hosts;
};
std::optional<CertificateFacts> read_certificate(std::string_view pem);
// The DER of the first certificate in `pem`, for x5c and x5t.
std::optional<std::string> certificate_der(std::string_view pem);
// The same certificate as the only content of a PKCS #7 message, PEM (RFC 2315 §9, "degenerate").
std::string certificate_pkcs7(std::string_view pem);
std::string sha1(std::string_view data);  // 20 raw bytes, for x5t only (RFC 7517 §4.8)

}  // namespace segue::crypto
