// parse_handle reads what make_handle made, as its own kind and of its own tenant, in one spelling, and nothing else.
#include "base/bytes.h"
#include "support/seeded_random.h"
#include "target.h"
#include "tenancy/handles.h"

using namespace segue;
using fuzz::must;
using model::HandleKind;

namespace {

constexpr HandleKind kKinds[] = {HandleKind::refresh_token,         HandleKind::session_transfer_token,
                                 HandleKind::authorization_code,    HandleKind::session,
                                 HandleKind::authorize_transaction, HandleKind::pushed_request,
                                 HandleKind::device_code,           HandleKind::device_step,
                                 HandleKind::online_refresh_token};

struct Tenant {
  test::SeededRandom random;
  tenancy::TenantKeys keys{
      crypto::BlockCipher(random.bytes<32>()), crypto::HmacKey(random.bytes<32>()), crypto::AeadKey(random.bytes<32>()), {}};
  explicit Tenant(std::uint64_t seed) : random(seed) {}
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Tenant ours(1), others(2);
  static const auto genuine = tenancy::make_handle(ours.keys, ours.random, HandleKind::refresh_token, base::RowId(7'000'000'001));
  const std::string whole(genuine.text.reveal());
  const auto block_end = whole.find('.');

  fuzz::Input input(data, size);
  const auto text = input.byte() % 2 == 0 ? std::string(input.rest()) : fuzz::edited(whole, input.rest());
  for (const auto kind : kKinds) {
    must(!tenancy::parse_handle(others.keys, kind, text), "another tenant's handle is no handle");
    const auto read = tenancy::parse_handle(ours.keys, kind, text);
    if (!read) continue;
    // libFuzzer reads our comparisons, so it may present the genuine one; nobody can make another.
    must(kind == HandleKind::refresh_token && read->id == genuine.id, "of its own kind, with its own id");
    must(text == whole.substr(0, block_end + 1) + base::base64url(read->secret.reveal()), "in one spelling");
    must((read->secret_hash == genuine.secret_hash) == (text == whole), "with the secret that was given");
  }
  return 0;
}
