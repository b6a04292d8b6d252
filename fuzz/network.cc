// Networks and addresses: an address's canonical text is a fixed point, a network contains its own address, and a longer prefix
// never contains more.
#include "http/caller_address.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto cidr = input.line();
  const auto address = http::canonical_address(input.line());
  if (address) must(http::canonical_address(*address) == address, "canonical text is a fixed point");
  const auto network = http::Network::parse(cidr);
  if (!network.ok()) return 0;
  must(network->bytes.size() == 4 || network->bytes.size() == 16, "4 or 16 bytes");
  must(network->prefix >= 0 && network->prefix <= static_cast<int>(network->bytes.size()) * 8, "a prefix of the address");
  const auto own = http::canonical_address(cidr.substr(0, cidr.find('/')));
  must(own && network->contains(*own), "a network contains its own address");
  if (!address || !network->contains(*address)) return 0;
  auto wider = *network;
  for (; wider.prefix > 0; --wider.prefix) must(wider.contains(*address), "a wider network contains it as well");
  must(!http::Network{network->bytes, static_cast<int>(network->bytes.size()) * 8}.contains(*address) || address == own,
       "the whole address contains itself only");
  return 0;
}
