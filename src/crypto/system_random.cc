#include "crypto/system_random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <thread>

#include "crypto/openssl.h"

namespace segue::crypto {
namespace {

// More than this is drawn for itself: it would empty a stock at once.
constexpr std::size_t kMostFromStock = 256;

void fill_from_openssl(std::span<std::byte> out) {
  const auto size = int_size(base::as_text(out));
  require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), size) == 1, "RAND_bytes");
}

}  // namespace

SystemRandom::~SystemRandom() {
  for (Stock& stock : stocks_) OPENSSL_cleanse(stock.bytes.data(), stock.bytes.size());
}

void SystemRandom::fill(std::span<std::byte> out) {
  if (out.empty()) return;
  if (out.size() > kMostFromStock) return fill_from_openssl(out);
  Stock& stock = stocks_[std::hash<std::thread::id>{}(std::this_thread::get_id()) % stocks_.size()];
  const std::scoped_lock lock(stock.mutex);
  if (stock.left < out.size()) {
    stock.left = 0;  // should the generator fail, nothing half filled is left
    fill_from_openssl(stock.bytes);
    stock.left = stock.bytes.size();
  }
  stock.left -= out.size();
  const auto given = std::span(stock.bytes).subspan(stock.left, out.size());
  std::copy(given.begin(), given.end(), out.begin());
  OPENSSL_cleanse(given.data(), given.size());
}

}  // namespace segue::crypto
