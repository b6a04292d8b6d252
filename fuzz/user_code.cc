// What a person types as a device's user code: one spelling, of letters and digits, that reads as itself however it is set.
#include "oauth/device/user_code.h"
#include "support/seeded_random.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto mask = input.line();
  const auto typed = input.rest();

  // Whatever mask a tenant has stored, a code of it is long enough and can be typed.
  const auto format = oauth::user_code_format(json::object{{"device_flow", json::object{{"mask", mask}}}});
  test::SeededRandom random(size);
  const auto made = oauth::normalised_user_code(oauth::make_user_code(random, format));
  must(made && made->size() >= 8 && made->find_first_not_of(format.alphabet) == std::string::npos, "a made code can be typed");

  const auto read = oauth::normalised_user_code(typed);
  if (!read) return 0;
  must(read->size() >= 8 && read->size() <= 20, "of a bounded length");
  must(read->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos, "upper case letters and digits");
  must(oauth::normalised_user_code(*read) == read, "one spelling");
  must(oauth::normalised_user_code("-" + read->substr(0, 4) + " " + read->substr(4)) == read, "however it is set");
  return 0;
}
