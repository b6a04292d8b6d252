// A key file that parses is written as what was read, and what one key seals no changed text opens.
#include "tenancy/key_file.h"

#include <algorithm>

#include "support/seeded_random.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::SeededRandom random;
  static const auto own = tenancy::KeyFile::generate(random);
  static const std::string sealed = own.seal(random, "a client secret", "tenant/1/client_secret/web");
  const auto text = fuzz::Input(data, size).rest();

  const auto changed = fuzz::edited(sealed, text);
  must(own.open(changed, "tenant/1/client_secret/web").ok() == (changed == sealed), "only what was sealed opens");
  must(!own.open(sealed, "tenant/1/client_secret/web" + std::string(text) + "!").ok(), "and only for what it was sealed for");

  const auto parsed = tenancy::KeyFile::parse(text);
  if (!parsed.ok()) return 0;
  const std::string written(parsed->text().reveal());
  must(text.starts_with(written.substr(0, written.size() - 1)), "written as it was read");
  must((parsed->stage() == tenancy::KeyFile::Stage::single) == (std::count(written.begin(), written.end(), '\n') == 1),
       "a second key only in a rotation");
  must(!parsed->open(sealed, "tenant/1/client_secret/web").ok(), "another key opens nothing of ours");
  return 0;
}
