#include "crypto/system_random.h"

#include <openssl/rand.h>

#include "crypto/openssl.h"

namespace segue::crypto {

void SystemRandom::fill(std::span<std::byte> out) {
  const auto size = int_size(base::as_text(out));
  require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), size) == 1, "RAND_bytes");
}

}  // namespace segue::crypto
